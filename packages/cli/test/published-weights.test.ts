import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { useBackend } from '@resnet/backend';
import { createModel, loadWeights } from '@resnet/models';
import { readWeightsFile } from '@resnet/models/node';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { list } from 'tar';
import { expect, it } from 'vitest';
import { resnet } from './command';

// A published trained net and CIFAR-10 as JPEG files: RESNET_TEST_DATA names the folder, else it is looked for beside the
// repository.
const folder = process.env.RESNET_TEST_DATA ?? resolve(import.meta.dirname, '../../../../shared/data');
const present = existsSync(resolve(folder, 'resnet20-12fca82f.th'));

/** The JPEG files of an archive that are wanted, by name. */
async function jpegs(archive: string, wanted: ReadonlySet<string>): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  await list({
    file: archive,
    filter: (path) => wanted.has(path),
    onReadEntry: (entry) => {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk) => chunks.push(chunk));
      entry.on('end', () => found.set(entry.path, Buffer.concat(chunks)));
    },
  });
  return found;
}

/** RGB / 255, minus the mean, over the deviation, as the net was trained. */
async function normalized(jpeg: Buffer): Promise<Float32Array> {
  const [mean, deviation] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ];
  const bytes = await sharp(jpeg).removeAlpha().raw().toBuffer();
  return Float32Array.from(bytes, (value, i) => (value / 255 - mean[i % 3]!) / deviation[i % 3]!);
}

it.skipIf(!present)(`a published ResNet-20 (.th) gives every expected logit (data in ${folder})`, async () => {
  const { logits: expected }: { logits: Record<string, number[]> } = JSON.parse(
    readFileSync(resolve(folder, 'resnet20-12fca82f.expected.json'), 'utf8'),
  );
  const names = Object.keys(expected);
  const files = await jpegs(resolve(folder, 'cifar10-jpeg.tar.gz'), new Set(names));
  const images = await Promise.all(names.map((name) => normalized(files.get(name)!)));

  await useBackend('simd');
  const model = createModel('resnet20', { shortcut: 'A', pad: 'split', zeros: true });
  loadWeights(model, await readWeightsFile(resolve(folder, 'resnet20-12fca82f.th')));
  const batch = tf.tensor4d(
    images.flatMap((image) => [...image]),
    [names.length, 32, 32, 3],
  );
  const logits = (await (model.predict(batch) as tf.Tensor2D).array()) as number[][];

  expect(names).toHaveLength(100);
  for (const [i, name] of names.entries()) {
    const difference = Math.max(...logits[i]!.map((logit, k) => Math.abs(logit - expected[name]![k]!)));
    expect(difference, name).toBeLessThan(1e-3);
  }
});

it.skipIf(!present)(
  'resnet evaluate measures what PyTorch measures on the same files',
  async () => {
    const { code, stdout } = await resnet([
    'evaluate', '--model', 'resnet20', '--pad', 'split',
    '--weights', resolve(folder, 'resnet20-12fca82f.th'), '--data', resolve(folder, 'cifar10-jpeg.tar.gz'),
    '--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225', '--json',
  ]); // biome-ignore format: a command line
    expect(code).toBe(0);
    const { top1, top5, images } = JSON.parse(stdout);
    expect(images).toBe(10_000);
    expect(Math.abs(top1 - 0.8103)).toBeLessThanOrEqual(0.0005);
    expect(Math.abs(top5 - 0.9872)).toBeLessThanOrEqual(0.0005);
  },
  120_000,
);
