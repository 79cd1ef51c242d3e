import type * as tf from '@tensorflow/tfjs';

/** The largest difference of two tensors of one shape, relative to the largest value expected. Reads both, in any backend. */
export async function relativeDifference(actual: tf.Tensor, expected: tf.Tensor): Promise<number> {
  if (actual.shape.join() !== expected.shape.join()) {
    throw new RangeError(`relativeDifference: shapes must agree, got [${actual.shape}] and [${expected.shape}].`);
  }
  const [a, b] = await Promise.all([actual.data(), expected.data()]);
  let [difference, largest] = [0, 0];
  for (let i = 0; i < a.length; i += 1) {
    // Written so that a NaN is a difference, too.
    if (!(Math.abs(a[i]! - b[i]!) <= difference)) difference = Math.abs(a[i]! - b[i]!);
    largest = Math.max(largest, Math.abs(b[i]!));
  }
  return difference / largest;
}
