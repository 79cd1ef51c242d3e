import { useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';

// The README's example.
it('trains on the best backend of this machine', async () => {
  const backend = await useBackend('auto');
  expect(backend).toMatchObject({ name: tf.getBackend(), why: expect.stringContaining(backend.name) });

  const filter = tf.variable(tf.randomNormal([3, 3, 16, 16]));
  const images = tf.ones([8, 32, 32, 16]);
  const loss = () => tf.mean(tf.square(tf.conv2d(images as tf.Tensor4D, filter as tf.Tensor4D, 1, 1))) as tf.Scalar;
  const before = loss().dataSync()[0]!;
  tf.train.sgd(0.01).minimize(loss);
  expect(loss().dataSync()[0]).toBeLessThan(before);
});
