import {
  mkdirSync,
  mkdtempSync,
  promises,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createModel, loadWeights, modelWeights, WeightFileError } from '@resnet/models';
import { modelFileHandler, readWeightsFile, saveWeights } from '@resnet/models/node';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

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
    await expect(load).rejects.toThrow(WeightFileError);
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

  /** What follows a manifest's change, of the one weight file `weights.bin` of a saved model. */
  const changed = async (change: (json: ReturnType<typeof manifest>) => unknown) => {
    await small().save(modelFileHandler(join(folder, 'malformed')));
    const json = manifest('malformed');
    const result = change(json);
    rewrite('malformed', result === undefined ? json : result);
    return tf.loadLayersModel(modelFileHandler(join(folder, 'malformed')));
  };
  const spec = (change: object) => (json: ReturnType<typeof manifest>) => {
    Object.assign(json.weightsManifest[0].weights[0], change);
  };

  it.each<[string, (json: ReturnType<typeof manifest>) => unknown, RegExp]>([
    ['a number', () => 5, /must be a TensorFlow\.js model\.json, got "5"/],
    ['a list', () => [], /model\.json, got "\[\]"/],
    ['a topology of text', (json) => ({ ...json, modelTopology: 'x' }), /modelTopology, an object, got "x"/],
    ['a topology without a class', (json) => ({ ...json, modelTopology: { config: {} } }), /the class_name/],
    [
      'a class without a config',
      (json) => ({ ...json, modelTopology: { class_name: 'Model' } }),
      /the config .* got nothing/,
    ],
    [
      'a config of null',
      (json) => ({ ...json, modelTopology: { class_name: 'Model', config: null } }),
      /config .*got null/,
    ],
    ['a manifest of an object', (json) => ({ ...json, weightsManifest: {} }), /weightsManifest, a list, got \{\}/],
    ['no manifest', (json) => ({ ...json, weightsManifest: undefined }), /weightsManifest, a list, got nothing/],
    ['a group of null', (json) => ({ ...json, weightsManifest: [null] }), /weightsManifest\[0\], an object, got null/],
    [
      'a group of nothing',
      (json) => ({ ...json, weightsManifest: [{}] }),
      /weightsManifest\[0\]\.paths, a list of names/,
    ],
    ['paths of numbers', (json) => ({ ...json, weightsManifest: [{ paths: [1], weights: [] }] }), /paths.*got \[1\]/],
    [
      'weights of text',
      (json) => ({ ...json, weightsManifest: [{ paths: [], weights: 'x' }] }),
      /weights, a list, got "x"/,
    ],
    [
      'a weight of null',
      (json) => ({ ...json, weightsManifest: [{ paths: [], weights: [null] }] }),
      /weights\[0\], an object/,
    ],
    ['a name of a number', spec({ name: 1 }), /weights\[0\]\.name, a text, got 1/],
    ['another dtype', spec({ dtype: 'float128' }), /weights\[0\]\.dtype, one of float32,.* got "float128"/],
    ['a dtype of Object.prototype', spec({ dtype: 'toString' }), /dtype, one of/],
    ['a shape of text', spec({ shape: '3,3' }), /weights\[0\]\.shape, a list of sizes, got "3,3"/],
    ['a negative size', spec({ shape: [-1] }), /shape.*got \[-1\]/],
    ['a size of a half', spec({ shape: [0.5] }), /shape.*got \[0\.5\]/],
    ['a shape that no memory has', spec({ shape: [2 ** 40, 2 ** 40] }), /shape, a list of sizes/],
    ['too many axes', spec({ shape: [1, 1, 1, 1, 1, 1, 1] }), /shape, a list of sizes/],
    ['a quantization of text', spec({ quantization: 'x' }), /quantization, an object, got "x"/],
    ['another quantization', spec({ quantization: { dtype: 'uint4' } }), /quantization\.dtype, one of/],
    [
      'a quantization without a scale',
      spec({ quantization: { dtype: 'uint8', min: 0 } }),
      /quantization\.scale and min/,
    ],
    [
      'two weights of one name',
      (json) => spec({ name: json.weightsManifest[0].weights[1].name })(json),
      /a name for each weight/,
    ],
    // Its length stands in the data: 4 bytes, then as many as they say.
    ['a text among the weights', spec({ dtype: 'string', shape: [1] }), /must have \d+ bytes, got \d+/],
    ['a text of more bytes than there are', spec({ dtype: 'string', shape: [1e6] }), /must have Infinity bytes/],
  ])('says what is wrong with %s', async (_, change, reason) => {
    await expect(changed(change)).rejects.toThrow(WeightFileError);
    await expect(changed(change)).rejects.toThrow(reason);
  });

  it.each([
    ['weights.bin', 'weights.bin'],
    ['a folder of weights', 'parts/weights.bin'],
  ])('does not follow a link for %s out of its folder', async (_, name) => {
    const path = join(folder, 'linked', name.includes('/') ? 'deep' : 'flat');
    await small().save(modelFileHandler(path));
    const theirs = join(path, '..', `theirs-${basename(path)}`);
    mkdirSync(theirs, { recursive: true });
    renameSync(join(path, 'weights.bin'), join(theirs, 'weights.bin'));
    if (name.includes('/')) symlinkSync(theirs, join(path, 'parts'));
    else symlinkSync(join(theirs, 'weights.bin'), join(path, 'weights.bin'));
    const json = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8'));
    json.weightsManifest[0].paths = [name];
    writeFileSync(join(path, 'model.json'), JSON.stringify(json));
    await expect(tf.loadLayersModel(modelFileHandler(path))).rejects.toThrow(/must be a .*, got a link/);
  });

  it('opens one shard at a time', async () => {
    await small().save(modelFileHandler(join(folder, 'many')));
    const whole = readFileSync(join(folder, 'many', 'weights.bin'));
    const json = manifest('many');
    json.weightsManifest[0].paths = Array.from({ length: 200 }, (_, i) => `part${i}`);
    const size = Math.ceil(whole.length / 200);
    for (let i = 0; i < 200; i++)
      writeFileSync(join(folder, 'many', `part${i}`), whole.subarray(i * size, (i + 1) * size));
    rewrite('many', json);
    const most = await mostOpen(() => tf.loadLayersModel(modelFileHandler(join(folder, 'many'))));
    expect(most).toBeLessThanOrEqual(2);
  });

  it('leaves the old model and no temporary file when it cannot write', async () => {
    const path = join(folder, 'kept');
    await small().save(modelFileHandler(path));
    const before = readFileSync(join(path, 'model.json'));
    rmSync(join(path, 'weights.bin'));
    mkdirSync(join(path, 'weights.bin')); // a folder in the way: the rename fails
    await expect(small().save(modelFileHandler(path))).rejects.toThrow(
      /weights\.bin must be a regular file, or nothing yet, got a folder/,
    );
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

/** How many files were open at once, at most, while `action` ran. */
async function mostOpen(action: () => Promise<unknown>): Promise<number> {
  const { open } = promises;
  let [now, most] = [0, 0];
  vi.spyOn(promises, 'open').mockImplementation(async (...args) => {
    const file = await open(...args);
    most = Math.max(most, ++now);
    const close = file.close.bind(file);
    file.close = () => close().finally(() => now--);
    return file;
  });
  syncBuiltinESMExports();
  try {
    await action();
    return most;
  } finally {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  }
}

const identity = (value: unknown) => value;
