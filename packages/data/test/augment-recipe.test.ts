import { cifar } from '@resnet/augment';
import { batches, type Dataset } from '@resnet/data';
import { expect, it } from 'vitest';

/** One white image. */
const white: Dataset = {
  length: 1,
  classes: ['white'],
  shape: [32, 32, 3],
  label: () => 0,
  read: () =>
    Promise.resolve({ image: { data: new Uint8Array(3072).fill(255), height: 32, width: 32, channels: 3 }, label: 0 }),
};

it('a recipe by name is the recipe itself: padding is 0 after the mean is subtracted (§4.2)', async () => {
  const values = new Set<number>();
  for (const augment of ['cifar', cifar()]) {
    for (let epoch = 0; epoch < 8; epoch++) {
      const normalize = { mean: [0.25, 0.25, 0.25] };
      for await (const { images } of batches(white, { batchSize: 1, epoch, augment, normalize: normalize })) {
        for (const value of images.data) values.add(value);
      }
    }
  }
  expect(values).toEqual(new Set([0, 0.75]));
});
