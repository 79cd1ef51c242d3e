import * as tf from '@tensorflow/tfjs';
import { tensor } from './values';

/** A convolution of square kernels. */
export interface Shape {
  n: number;
  size: [number, number];
  channels: [number, number];
  kernel: number;
  stride: number;
  pad: number | 'same' | 'valid';
}

/** y, dx and dw of one convolution. */
export function allPasses({ n, size, channels: [c, k], kernel, stride, pad }: Shape): tf.Tensor[] {
  const x = tensor<tf.Rank.R4>([n, ...size, c], 1);
  const filter = tensor<tf.Rank.R4>([kernel, kernel, c, k], 2);
  const y = tf.conv2d(x, filter, stride, pad);
  const dy = tensor(y.shape, 3);
  return [y, ...tf.grads((a, b) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad))([x, filter], dy)];
}
