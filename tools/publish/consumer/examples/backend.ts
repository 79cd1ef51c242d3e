import { useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs';

/** Convolves ones by ones on two threads: each corner sees 4 pixels, each edge 6, the center 9. */
export const example = async () => {
  const { name, threads } = await useBackend('simd', { threads: 2 });
  const image = tf.ones([1, 3, 3, 1]) as tf.Tensor4D;
  return [name, threads, tf.sum(tf.conv2d(image, tf.ones([3, 3, 1, 1]) as tf.Tensor4D, 1, 'same')).dataSync()[0]];
};
