import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createModel, readWeights } from '@resnet/models';
import { saveWeights } from '@resnet/models/node';
import { parseSafetensors } from '@resnet/safetensors';
import { beforeAll, describe, expect, it } from 'vitest';
import { shapesFolder } from '../../experiments/test/shapes-folder';
import { emptyFolder, resnet } from './command';

// A flat folder of 40 images in ten classes, and weights of a net for three others.
const place = emptyFolder();
const weights = join(place, 'three.safetensors');
const run = join(place, 'run');
let pictures: string;

beforeAll(async () => {
  pictures = join(await shapesFolder({ train: 40, test: 10 }), 'train');
  await saveWeights(createModel('resnet8', { classes: 3, seed: 5 }), weights, {
    model: 'resnet8',
    classes: '["cat","dog","emu"]',
    preprocessing: '{"imageSize":32,"shorterSide":null,"mean":[0.5,0.4,0.3],"std":[0.2,0.3,0.25]}',
  });
});

describe('a folder of pictures and weights', () => {
  it('are all that a training takes: the split is said, the head replaced, the preprocessing that of the weights', async () => {
    const { code, stderr } = await resnet([
      ...['train', pictures, '--weights', weights, '--freeze', 'stage1', '--out', run],
      ...['--epochs', '2', '--batch-size', '8', '--set', 'mixup=0.2', '--set', 'balance=sampler', '--workers', '1'],
    ]);
    expect([code, stderr]).toEqual([0, expect.stringContaining('held out: 8 of 40 training images')]);
    expect(stderr).toContain('the result is measured on them');
    expect(stderr).toContain('but the head, which is new for 10 classes');
    // 32 images to train on, 8 to a batch.
    expect(stderr).toContain('length: 2 epochs of 4 iterations, 8 in all');
    expect(stderr).toMatch(/took the weights of step \d+, the best by validation/);

    const { recipe } = JSON.parse(readFileSync(join(run, 'recipe.json'), 'utf8'));
    expect(recipe).toMatchObject({ steps: 8, validateEvery: 4, model: { name: 'resnet8' }, imageSize: 32 });
    const prepared = JSON.parse(readFileSync(join(run, 'preprocessing.json'), 'utf8'));
    expect(prepared.preprocessing).toMatchObject({ mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.25] });
    // Frozen: the stem's weights and statistics are the file's.
    const [before, after] = [weights, join(run, 'weights.safetensors')].map((file) => readWeights(readFileSync(file)));
    for (const name of ['conv1.weight', 'bn1.running_mean', 'layer1.0.bn2.running_var']) {
      expect(after!.get(name)?.data, name).toEqual(before!.get(name)?.data);
    }
    expect(after!.get('layer2.0.conv1.weight')?.data).not.toEqual(before!.get('layer2.0.conv1.weight')?.data);
    expect(after!.get('fc.weight')?.shape).toEqual([10, 64]);
  }, 120_000);

  it('is evaluated on what was held out, as the run was', async () => {
    const { testError } = JSON.parse(readFileSync(join(run, 'result.json'), 'utf8'));
    const { stdout } = await resnet(['evaluate', '--run', run, '--json']);
    const { images, top1 } = JSON.parse(stdout);
    expect(images).toBe(8);
    expect(1 - top1).toBeCloseTo(testError, 9);
  }, 60_000);

  it('classifies a folder into a table, reports a broken image and answers the others', async () => {
    const broken = join(pictures, 'circle', 'broken.png');
    writeFileSync(broken, 'no image');
    const csv = join(place, 'answers.csv');
    const { code, stderr } = await resnet(['predict', pictures, '--run', run, '--csv', csv, '--top', '2']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('no answer for 1 of 41 images')]);
    const [header, ...lines] = readFileSync(csv, 'utf8').trimEnd().split('\r\n');
    expect(header).toBe('image,class,probability,class2,probability2,error');
    expect(lines).toHaveLength(41);
    expect(lines.filter((line) => line.startsWith(broken))).toEqual([expect.stringContaining('must be')]);

    const json = await resnet(['predict', join(pictures, 'circle', '*.png'), '--run', run, '--json', '--top', '1']);
    const answers = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers.map(({ image }) => image)).toContain(broken);
    const ofCsv = new Map(lines.map((line) => [line.split(',')[0], line.split(',')[1]]));
    for (const { image, predictions } of answers.filter((answer) => 'predictions' in answer)) {
      expect(predictions[0].class).toBe(ofCsv.get(image));
    }
    rmSync(broken);
  }, 60_000);

  it('is exported with its labels and preprocessing', async () => {
    const classes = JSON.parse(readFileSync(join(run, 'preprocessing.json'), 'utf8')).classes;
    await resnet(['export', '--run', run, '--format', 'tfjs', '--out', join(place, 'web')]);
    const { userDefinedMetadata } = JSON.parse(readFileSync(join(place, 'web', 'model.json'), 'utf8'));
    expect(JSON.parse(userDefinedMetadata.classes)).toEqual(classes);
    expect(JSON.parse(userDefinedMetadata.preprocessing)).toMatchObject({ imageSize: 32, mean: [0.5, 0.4, 0.3] });

    await resnet(['export', '--run', run, '--format', 'safetensors', '--out', join(place, 'net.safetensors')]);
    const { metadata } = parseSafetensors(readFileSync(join(place, 'net.safetensors')));
    expect(JSON.parse(metadata.classes!)).toEqual(classes);

    await resnet(['export', '--run', run, '--format', 'onnx', '--out', join(place, 'net.onnx')]);
    expect(readFileSync(join(place, 'net.onnx')).includes(JSON.stringify(classes))).toBe(true);
  }, 60_000);

  it("may be augmented by one's own code, in worker threads too, which a resume has to name again", async () => {
    const file = join(place, 'mine.mjs');
    writeFileSync(
      file,
      'export const dimmed = () => (image) => ({ ...image, data: image.data.map((value) => value / 2) });',
    );
    const own = join(place, 'own');
    const augment = `${file}#dimmed`;
    const args = ['--weights', weights, '--steps', '2', '--batch-size', '8', '--workers', '1', '--out', own];
    const trained = await resnet(['train', join(pictures, '..'), ...args, '--augment', augment]);
    expect([trained.code, trained.stderr]).toEqual([0, expect.stringContaining('finished at step 2')]);
    const resumed = await resnet(['train', '--resume', own]);
    expect([resumed.code, resumed.stderr]).toEqual([2, expect.stringContaining(`add --augment ${augment}`)]);
    expect((await resnet(['train', '--resume', own, '--augment', augment])).code).toBe(0);
  }, 60_000);
});
