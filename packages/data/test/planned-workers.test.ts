import { join } from 'node:path';
import { type BatchOptions, batches, openDataset } from '@resnet/data';
import { expect, it } from 'vitest';
import { picture, temporaryFolder, writeTree } from './support';

it('planned batches are the same for any number of workers, and from any batch on', async () => {
  const augment = { module: '@resnet/augment', export: 'imagenet', options: { size: 56, shorter: [64, 120] } };
  const root = await temporaryFolder();
  const sizes = [[150, 203], [203, 150], [97, 131], [120, 120], [90, 64], [64, 300]] as const; // biome-ignore format: a table
  for (const [i, [height, width]] of sizes.entries())
    await writeTree(root, { [`${i % 2 ? 'a' : 'b'}/${i}.jpg`]: await picture(height, width, i).jpeg().toBuffer() });
  const dataset = await openDataset(root, { cacheDir: join(root, '.cache') });
  const pixelsOf = async (options: Partial<BatchOptions>): Promise<Float32Array> => {
    const all: number[] = [];
    for await (const { images } of batches(dataset, { batchSize: 4, seed: 3, augment, ...options }))
      all.push(...images.data);
    return Float32Array.from(all);
  };
  const expected = await pixelsOf({});
  for (const workers of [1, 3]) expect(await pixelsOf({ workers })).toEqual(expected);
  const rest = await pixelsOf({ firstBatch: 1, workers: 1 });
  expect(rest).toEqual(expected.subarray(expected.length - rest.length));
  expect(rest.length).toBe(expected.length - 4 * 56 * 56 * 3);
});
