import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { openSource } from '@resnet/data';
import { createModel } from '@resnet/models';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluateNetwork } from '../src/evaluation/evaluate';
import { imagePredictor } from '../src/evaluation/predict';
import type { Preprocessing } from '../src/evaluation/single-view';
import type { TrainedNetwork } from '../src/evaluation/trained-network';
import { emptyFolder } from './empty-folder';

const classes = ['cat', 'dog', 'emu'];
const statistics = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.25] };

/** A network of fixed weights. `preprocessing`: that of its run, null where its weights came alone. */
const network = (preprocessing: Preprocessing | null): TrainedNetwork => ({
  name: 'resnet8',
  model: { name: 'resnet8' },
  preprocessing,
  classes,
  data: null,
  crops: 1,
  make: async () => createModel('resnet8', { classes: classes.length, seed: 3 }),
});

/** A folder of one image per class, of sizes `WIDTHxHEIGHT`. Colors change over both axes, so that another crop is another image. */
async function folderOf(sizes: readonly string[]): Promise<string> {
  const root = emptyFolder();
  for (const [k, size] of sizes.entries()) {
    const [width, height] = size.split('x').map(Number) as [number, number];
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y, channel] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
      return 128 + 127 * Math.sin(k + x * (0.3 + channel / 9) + y * y * 0.02);
    });
    mkdirSync(join(root, 'test', classes[k]!), { recursive: true });
    await sharp(data, { raw: { width, height, channels: 3 } }).toFile(join(root, 'test', classes[k]!, '0.png'));
  }
  return root;
}

beforeAll(async () => {
  await useBackend('simd');
});

// The network sees 32 × 32. One size for all images, which data sets report, and sizes that vary.
describe.each(
  [
    ['32x32', '32x32', '32x32'],
    ['32x48', '32x48', '32x48'],
    ['61x47', '61x47', '61x47'],
    ['20x28', '20x28', '20x28'],
    ['32x32', '48x32', '61x47'],
    ['64x64', '20x28', '32x32'],
  ].map((sizes) => ({ sizes })),
)(
  'images of $sizes.0, $sizes.1, $sizes.2 get the same probabilities from `evaluate --crops 1` as from `predict`',
  ({ sizes }) => {
    it.each<[string, Preprocessing | null]>([
      ['a run on images of one size', { imageSize: 32, shorterSide: null, ...statistics }],
      ['a run on images of varying size', { imageSize: 32, shorterSide: 37, ...statistics }],
      ['weights that came alone', null],
    ])('with the preprocessing of %s', async (_, preprocessing) => {
      const data = await folderOf(sizes);
      const given = preprocessing ? {} : { imageSize: 32, ...statistics };
      const { loss, images } = await evaluateNetwork(network(preprocessing), { data, crops: 1, ...given });

      const dataset = await (await openSource(data)).read('test');
      const predictor = await imagePredictor(network(preprocessing), given);
      const logarithms: number[] = [];
      for (let i = 0; i < dataset.length; i++) {
        const { image, label } = await dataset.read(i);
        const ofLabel = (await predictor.predict(image, 3)).find(({ index }) => index === label);
        logarithms.push(Math.log(ofLabel!.probability));
      }
      predictor.dispose();

      expect([images, logarithms.length]).toEqual([3, 3]);
      // An evaluation's loss is the mean negative logarithm of the probability of each image's class.
      expect(loss).toBeCloseTo(-logarithms.reduce((sum, each) => sum + each) / 3, 5);
    });
  },
);
