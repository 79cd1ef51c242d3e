import type * as tf from '@tensorflow/tfjs';

/** The L2 norm of all values, summed in float64; disposes of `tensor`. Awaits the values, which lie on the device on a GPU. */
export async function takeNorm(tensor: tf.Tensor): Promise<number> {
  let squares = 0;
  for (const v of await tensor.data()) squares += v * v;
  tensor.dispose();
  return Math.sqrt(squares);
}
