import { cifar, flip, randomFlip, randomResizeShorter, toFloats } from '@resnet/augment';
import { augmentTensor } from '@resnet/augment/tfjs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { seeded } from './golden';

beforeAll(() => tf.setBackend('cpu'));

it('mirrors as tf.image does, in floats and in bytes', async () => {
  const floats: tf.Tensor4D = tf.randomUniform([4, 5, 6, 3], 0, 1, 'float32', 3);
  const bytes: tf.Tensor4D = tf.cast(tf.mul(floats, 255), 'int32').as4D(4, 5, 6, 3);
  for (const images of [floats, bytes]) {
    const flipped = await augmentTensor(images, flip, Math.random);
    expect(flipped.dtype).toBe(images.dtype);
    expect(flipped.arraySync()).toEqual(tf.reverse(images, 2).arraySync());
  }
});

it('draws for one image after the other, and leaks nothing', async () => {
  const images: tf.Tensor4D = tf.randomUniform([64, 4, 4, 1]);
  const before = tf.memory().numTensors;
  const once = await augmentTensor(images, randomFlip(), seeded(1));
  const again = await augmentTensor(images, randomFlip(), seeded(1));
  expect(tf.memory().numTensors).toBe(before + 2);
  expect(once.arraySync()).toEqual(again.arraySync());
  expect(once.arraySync()).not.toEqual(images.arraySync());
  expect(images.isDisposed).toBe(false);
});

it('gives the dtype of what the augmentation made', async () => {
  const bytes: tf.Tensor4D = tf.zeros([2, 4, 4, 3], 'int32');
  expect((await augmentTensor(bytes, cifar(), Math.random)).dtype).toBe('int32');
  expect((await augmentTensor(bytes, toFloats, Math.random)).dtype).toBe('float32');
});

it('needs images of one size', async () => {
  const images: tf.Tensor4D = tf.zeros([8, 4, 4, 1]);
  await expect(augmentTensor(images, randomResizeShorter([2, 9]), seeded(1))).rejects.toThrow(
    /must all be .* End with a crop/,
  );
});
