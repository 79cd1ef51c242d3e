import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel, withGradient } from '../kernels';

/** Gets a batch's mean and biased variance, `[channels]` each; they are disposed after the call. */
export type ObserveStatistics = (mean: tf.Tensor, variance: tf.Tensor) => void;

/**
 * Normalizes `x` (channels last, any rank from 2) by its own statistics, as one op with a closed-form gradient.
 * Stock tfjs differentiates through the statistics instead, which takes 76 kernels.
 */
export function batchNormTraining(
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  epsilon: number,
  observe: ObserveStatistics,
): tf.Tensor {
  return withGradient(
    [x, scale, offset],
    () => {
      const [y, mean, variance] = normalize(x, scale, offset, epsilon);
      observe(mean, variance);
      return { value: y, saved: [x, scale, mean, variance] };
    },
    (dy, [input, gamma, mean, variance]) => gradients(dy, input!, gamma!, mean!, variance!, epsilon),
  );
}

type Normalized = [y: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor];

function normalize(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, epsilon: number): Normalized {
  if (hasKernel('ResNetBatchNorm')) {
    const [y, mean, variance] = runKernel('ResNetBatchNorm', { x, scale, offset }, { epsilon });
    return [y!, mean!, variance!];
  }
  const rows = byChannel(x);
  const mean = tf.mean(rows, 0);
  const variance = tf.mean(tf.square(tf.sub(rows, mean)), 0);
  const gain = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
  return [tf.add(tf.mul(tf.sub(x, mean), gain), offset), mean, variance];
}

/** dx = gain · (dy − mean(dy) − x̂ · mean(dy · x̂)), with x̂ = (x − mean) / σ and gain = scale / σ. */
function gradients(
  dy: tf.Tensor,
  x: tf.Tensor,
  scale: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  epsilon: number,
): tf.Tensor[] {
  if (hasKernel('ResNetBatchNormGrad'))
    return runKernel('ResNetBatchNormGrad', { dy, x, scale, mean, variance }, { epsilon });
  const dRows = byChannel(dy);
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const normal = tf.mul(tf.sub(byChannel(x), mean), inverse);
  const dOffset = tf.sum(dRows, 0);
  const dScale = tf.sum(tf.mul(dRows, normal), 0);
  const count = dRows.shape[0]!;
  const centered = tf.sub(tf.sub(dRows, tf.div(dOffset, count)), tf.mul(normal, tf.div(dScale, count)));
  return [tf.reshape(tf.mul(centered, tf.mul(scale, inverse)), x.shape), dScale, dOffset];
}

const byChannel = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [-1, x.shape.at(-1)!]);
