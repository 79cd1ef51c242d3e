import * as tf from '@tensorflow/tfjs';

// PyTorch and the paper pad all sides alike; TensorFlow's `same` pads bottom and right where the stride is 2.

/** Native TensorFlow refuses numeric padding, so there the image is padded first. */
const padsFirst = (padding: number): boolean => padding > 0 && tf.getBackend() === 'tensorflow';

const border = (x: tf.Tensor4D, padding: number, value: number): tf.Tensor4D =>
  tf.pad(
    x,
    [
      [0, 0],
      [padding, padding],
      [padding, padding],
      [0, 0],
    ],
    value,
  );

/** Convolves `[n, h, w, in]` with `[k, k, in, out]`; `padding` zeros on all four sides. */
export const convolve = (x: tf.Tensor4D, kernel: tf.Tensor4D, stride: number, padding: number): tf.Tensor4D =>
  padsFirst(padding)
    ? tf.tidy(() => tf.conv2d(border(x, padding, 0), kernel, stride, 'valid'))
    : tf.conv2d(x, kernel, stride, padding);

/** The largest value of each window; padding never wins. */
export const pool = (x: tf.Tensor4D, size: number, stride: number, padding: number): tf.Tensor4D =>
  padsFirst(padding)
    ? tf.tidy(() => tf.maxPool(border(x, padding, Number.NEGATIVE_INFINITY), size, stride, 'valid'))
    : tf.maxPool(x, size, stride, padding);

/** The length of an axis after a window of `size` moved along it; null stays null. */
export const windowed = (
  length: number | null | undefined,
  size: number,
  stride: number,
  padding: number,
): number | null => (length == null ? null : Math.floor((length + 2 * padding - size) / stride) + 1);
