import { augmentInto, cifar, compose, type Image, normalizer, randomColorJitter, randomCutout } from '@resnet/augment';
import { expect, it } from 'vitest';
import { seeded } from './golden';

it("the README's example", () => {
  const image: Image = { data: new Uint8Array(32 * 32 * 3).fill(102), height: 32, width: 32, channels: 3 };
  const random = seeded(1);

  // An augmentation is a function of an image and of random numbers.
  const augment = compose(randomColorJitter({ brightness: 0.2 }), cifar(), randomCutout({ size: 8 }));
  const another = augment(image, random);

  // A pipeline writes into its batch: crop, mirror and normalisation are one pass here.
  const batch = new Float32Array(128 * 32 * 32 * 3);
  const options = { augment: cifar(), normalizer: normalizer({ mean: [0.4, 0.4, 0.4] }) };
  for (let i = 0; i < 128; i++) augmentInto(image, random, options, batch, i * 32 * 32 * 3);

  expect(another).toMatchObject({ height: 32, width: 32, channels: 3 });
  expect(batch.every((value) => Math.abs(value) < 1e-6)).toBe(true); // 102 / 255 = 0.4, and padding is 0
});
