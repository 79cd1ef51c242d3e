import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel, withGradient } from '../kernels';
import { normalizationGroup, wholeStatistics, wholeSums } from './whole-statistics';

/** Gets a batch's mean and biased variance, `[channels]` each, and the values a channel that they are of; the tensors are disposed after the call. */
export type ObserveStatistics = (mean: tf.Tensor, variance: tf.Tensor, count: number) => void;

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
      const { y, mean, variance, count } = normalize(x, scale, offset, epsilon);
      observe(mean, variance, count);
      return { value: y, saved: [x, scale, mean, variance] };
    },
    (dy, [input, gamma, mean, variance]) => gradients(dy, input!, gamma!, mean!, variance!, epsilon),
  );
}

interface Normalized {
  readonly y: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  readonly count: number;
}

function normalize(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, epsilon: number): Normalized {
  const rows = byChannel(x);
  const group = normalizationGroup();
  let count = rows.shape[0]!;
  const whole = group && {
    whole: (mean: Float32Array, variance: Float32Array): void => {
      count = wholeStatistics(group, rows.shape[0]!, mean, variance);
    },
  };
  if (hasKernel('ResNetBatchNorm') && (!whole || worksInPlace())) {
    const [y, mean, variance] = runKernel('ResNetBatchNorm', { x, scale, offset }, { epsilon, ...whole });
    return { y: y!, mean: mean!, variance: variance!, count };
  }
  const ownMean = tf.mean(rows, 0);
  const own = [ownMean, tf.mean(tf.square(tf.sub(rows, ownMean)), 0)] as const;
  const [mean, variance] = whole ? changed(own, whole.whole) : own;
  const gain = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
  return { y: tf.add(tf.mul(tf.sub(x, mean), gain), offset), mean, variance, count };
}

/** What `change` makes of copies of two tensors' values. */
function changed(
  tensors: readonly [tf.Tensor, tf.Tensor],
  change: (a: Float32Array, b: Float32Array) => void,
): [tf.Tensor, tf.Tensor] {
  const [a, b] = tensors.map((tensor) => Float32Array.from(tensor.dataSync())) as [Float32Array, Float32Array];
  change(a, b);
  return [tf.tensor(a, tensors[0].shape), tf.tensor(b, tensors[1].shape)];
}

/** Whether kernels let JavaScript change statistics in between: `RecordingBackend.workInPlace` of `@resnet/trainer`. */
const worksInPlace = (): boolean => 'workInPlace' in tf.backend();

/** dx = gain · (dy − mean(dy) − x̂ · mean(dy · x̂)), with x̂ = (x − mean) / σ and gain = scale / σ. */
function gradients(
  dy: tf.Tensor,
  x: tf.Tensor,
  scale: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  epsilon: number,
): tf.Tensor[] {
  const group = normalizationGroup();
  const whole = group && {
    whole: (dScale: Float32Array, dOffset: Float32Array) => wholeSums(group, x.size / x.shape.at(-1)!, dScale, dOffset),
  };
  if (hasKernel('ResNetBatchNormGrad') && (!whole || worksInPlace()))
    return runKernel('ResNetBatchNormGrad', { dy, x, scale, mean, variance }, { epsilon, ...whole });
  const dRows = byChannel(dy);
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const normal = tf.mul(tf.sub(byChannel(x), mean), inverse);
  const dOffset = tf.sum(dRows, 0);
  const dScale = tf.sum(tf.mul(dRows, normal), 0);
  let count = dRows.shape[0]!;
  const [allScale, allOffset] = whole
    ? changed([dScale, dOffset], (ownScale, ownOffset) => {
        const sums = whole.whole(ownScale, ownOffset);
        count = sums.rows;
        ownScale.set(sums.dScale);
        ownOffset.set(sums.dOffset);
      })
    : [dScale, dOffset];
  const centered = tf.sub(tf.sub(dRows, tf.div(allOffset, count)), tf.mul(normal, tf.div(allScale, count)));
  return [tf.reshape(tf.mul(centered, tf.mul(scale, inverse)), x.shape), dScale, dOffset];
}

const byChannel = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [-1, x.shape.at(-1)!]);
