import type { BatchNorm, Conv2D } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';

/** Which normalization a convolution takes over. */
export type Norms = Map<Conv2D, BatchNorm>;

/** γ(Wx − μ)/σ + β is a convolution with the kernel Wγ/σ and the bias β − μγ/σ. */
export function folded(layer: Conv2D, norm: BatchNorm): tf.Tensor[] {
  const [gamma, beta, mean, variance] = norm.getWeights();
  const gain = tf.mul(gamma!, tf.rsqrt(tf.add(variance!, norm.epsilon)));
  return [tf.mul(layer.getWeights()[0]!, gain), tf.sub(beta!, tf.mul(mean!, gain))];
}
