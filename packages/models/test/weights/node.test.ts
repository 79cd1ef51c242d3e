import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createModel, loadWeights, modelWeights, WeightFileError } from '@resnet/models';
import { modelFileHandler, readWeightsFile, saveWeights } from '@resnet/models/node';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'models-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => tf.setBackend('cpu'));

const small = () => createModel('resnet8', { inputShape: [8, 8, 3], seed: 5 });
const outputs = (model: tf.LayersModel) =>
  tf.tidy(() => Array.from((model.predict(tf.linspace(-1, 1, 192).reshape([1, 8, 8, 3])) as tf.Tensor).dataSync()));
const manifest = (name: string) => JSON.parse(readFileSync(join(folder, name, 'model.json'), 'utf8'));
const rewrite = (name: string, json: unknown) => writeFileSync(join(folder, name, 'model.json'), JSON.stringify(json));

describe('saveWeights', () => {
  it('writes a file that readWeightsFile and loadWeights bring back, and nothing else', async () => {
    const model = small();
    await saveWeights(model, join(folder, 'net.safetensors'), { note: 'x' });
    expect(readdirSync(folder)).toEqual(['net.safetensors']);
    const other = createModel('resnet8', { inputShape: [8, 8, 3], zeros: true });
    loadWeights(other, await readWeightsFile(join(folder, 'net.safetensors')));
    expect(await modelWeights(other)).toEqual(await modelWeights(model));
  });
});

describe('modelFileHandler', () => {
  it('saves model.json and weights.bin; the loaded model computes the same', async () => {
    const model = small();
    const { modelArtifactsInfo } = await model.save(modelFileHandler(join(folder, 'new', 'net')));
    expect(readdirSync(join(folder, 'new', 'net')).sort()).toEqual(['model.json', 'weights.bin']);
    const bytes = readFileSync(join(folder, 'new', 'net', 'weights.bin')).byteLength;
    expect(modelArtifactsInfo).toMatchObject({ modelTopologyType: 'JSON', weightDataBytes: bytes });
    expect(bytes).toBe(4 * model.weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a! * b!, 1)!, 0));
    const loaded = await tf.loadLayersModel(modelFileHandler(join(folder, 'new', 'net', 'model.json')));
    expect(outputs(loaded)).toEqual(outputs(model));
    expect(loaded.getUserDefinedMetadata()).toEqual(model.getUserDefinedMetadata());
  });

  it('keeps two models in one folder apart', async () => {
    await small().save(modelFileHandler(join(folder, 'two', 'a.json')));
    await small().save(modelFileHandler(join(folder, 'two', 'b.json')));
    expect(readdirSync(join(folder, 'two')).sort()).toEqual(['a.json', 'a.weights.bin', 'b.json', 'b.weights.bin']);
  });

  it('reads weights in several shards', async () => {
    const model = small();
    await model.save(modelFileHandler(join(folder, 'shards')));
    const whole = readFileSync(join(folder, 'shards', 'weights.bin'));
    writeFileSync(join(folder, 'shards', 'part1'), whole.subarray(0, 1001));
    writeFileSync(join(folder, 'shards', 'part2'), whole.subarray(1001));
    const json = manifest('shards');
    json.weightsManifest[0].paths = ['part1', 'part2'];
    rewrite('shards', json);
    expect(outputs(await tf.loadLayersModel(modelFileHandler(join(folder, 'shards'))))).toEqual(outputs(model));
  });

  it.each(['../net.safetensors', '/etc/hostname', '..', '.'])('does not read %s for weights', async (path) => {
    await small().save(modelFileHandler(join(folder, 'escape')));
    const json = manifest('escape');
    json.weightsManifest[0].paths = [path];
    rewrite('escape', json);
    const load = tf.loadLayersModel(modelFileHandler(join(folder, 'escape')));
    await expect(load).rejects.toThrow(path === '/etc/hostname' ? /ENOENT|beside/ : WeightFileError);
  });

  it('detects weights cut off and a model.json that is none', async () => {
    await small().save(modelFileHandler(join(folder, 'cut')));
    const weights = join(folder, 'cut', 'weights.bin');
    writeFileSync(weights, readFileSync(weights).subarray(4));
    await expect(tf.loadLayersModel(modelFileHandler(join(folder, 'cut')))).rejects.toThrow(
      /must have \d+ bytes, got \d+/,
    );
    for (const text of ['', '{}', 'null', '{"modelTopology":{}}']) {
      writeFileSync(join(folder, 'cut', 'model.json'), text);
      await expect(tf.loadLayersModel(modelFileHandler(join(folder, 'cut')))).rejects.toThrow(WeightFileError);
    }
  });

  it('leaves the old model and no temporary file when it cannot write', async () => {
    const path = join(folder, 'kept');
    await small().save(modelFileHandler(path));
    const before = readFileSync(join(path, 'model.json'));
    rmSync(join(path, 'weights.bin'));
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(path, 'weights.bin')); // a folder in the way: the rename fails
    await expect(small().save(modelFileHandler(path))).rejects.toThrow(/EISDIR|ENOTEMPTY|EPERM/);
    expect(readFileSync(join(path, 'model.json'))).toEqual(before);
    expect(readdirSync(path).sort()).toEqual(['model.json', 'weights.bin']);
  });
});

describe('the two doors', () => {
  const dist = new URL('../../dist/', import.meta.url);

  it('keep the file system out of what browsers import', () => {
    const index = readFileSync(new URL('index.js', dist), 'utf8');
    const chunks = [...index.matchAll(/from ['"]\.\/(chunk-[^'"]+)/g)].map(([, name]) => name!);
    const code = [index, ...chunks.map((name) => readFileSync(new URL(name, dist), 'utf8'))].join('\n');
    expect(code).toContain('readWeights');
    expect(code).not.toMatch(/from ['"](node:|fs|path)/);
  });

  it('share their error classes in CommonJS', async () => {
    const require = createRequire(import.meta.url);
    const error = await require('@resnet/models/node')
      .readWeightsFile(fileURLToPath(import.meta.url))
      .catch(identity);
    expect(error).toBeInstanceOf(require('@resnet/models').WeightFileError);
  });
});

const identity = (value: unknown) => value;
