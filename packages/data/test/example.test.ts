import { batches, openDataset, splitDataset, statistics } from '@resnet/data';
import { expect, it, vi } from 'vitest';
import { temporaryFolder } from './support';

it("the README's example", async () => {
  vi.stubEnv('RESNET_CACHE', await temporaryFolder());

  const images = await openDataset('shapes10'); // or 'cifar10', a folder, an archive
  const { train, validation } = splitDataset(images, { validation: 1000, seed: 1 });
  const { pixelMean } = await statistics(train);

  const options = { batchSize: 128, seed: 1, epoch: 0, augment: 'cifar', normalise: { mean: pixelMean! }, workers: 1 };
  let count = 0;
  for await (const { images, labels } of batches(train, options)) {
    expect(images.shape).toEqual([labels.length, 32, 32, 3]); // Float32Array in images.data
    count += labels.length;
  }

  expect([count, validation.length]).toEqual([9000, 1000]);
});
