import * as tf from '@tensorflow/tfjs';

/**
 * Scales all gradients together so that their common norm is at most `limit`, by PyTorch's `clip_grad_norm_`:
 * the factor is `min(1, limit / (norm + 1e-6))`. New tensors, the caller's; nothing is read back from the device.
 */
export const clipByGlobalNorm = (gradients: readonly tf.Tensor[], limit: number): tf.Tensor[] =>
  tf.tidy(() => {
    const norm = tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
    const factor = tf.minimum(1, tf.div(limit, tf.add(norm, 1e-6)));
    return gradients.map((gradient) => tf.mul(gradient, factor));
  });
