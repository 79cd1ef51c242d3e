import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../kernels';

/** Statistics of a batch, biased, and the running ones, `[channels]` each. */
export interface BatchAndRunning {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  readonly runningMean: tf.Tensor;
  readonly runningVariance: tf.Tensor;
}

/**
 * The next running statistics, `momentum · running + (1 − momentum) · batch`, the variance unbiased: over `count` values a channel.
 *
 * One `ResNetRunningStatistics` kernel call where the backend has it, which may write the next statistics over the running ones.
 */
export function runningStatistics(
  { mean, variance, runningMean, runningVariance }: BatchAndRunning,
  { momentum, count }: { momentum: number; count: number },
): [mean: tf.Tensor, variance: tf.Tensor] {
  const addMean = 1 - momentum;
  const addVariance = (addMean * count) / (count - 1);
  if (hasKernel('ResNetRunningStatistics')) {
    const inputs = { mean, variance, runningMean, runningVariance };
    const next = runKernel('ResNetRunningStatistics', inputs, { keep: momentum, addMean, addVariance });
    return [next[0]!, next[1]!];
  }
  const blend = (running: tf.Tensor, batch: tf.Tensor, add: number) =>
    tf.add(tf.mul(running, momentum), tf.mul(batch, add));
  return [blend(runningMean, mean, addMean), blend(runningVariance, variance, addVariance)];
}
