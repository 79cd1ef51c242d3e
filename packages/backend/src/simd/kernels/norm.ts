import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import type { SimdBackend } from '../backend';
import { Affine } from '../deferred/affine';
import { Convolution } from '../deferred/convolution';
import { using } from '../deferred/deferred';
import { blockOf, Masked } from '../deferred/masked';
import { NormGradient } from '../deferred/norm-gradient';
import { allFloat, type SimdKernel } from '../kernel';
import type { Block } from '../pool';
import { rowsOf, vectors } from '../rows';
import { float } from '../runtime';
import { channelFactors } from './channel-factors';

/** Partial sums over rows: of `count` blocks, `rows` rows each but the last. */
interface Sums {
  parts: Block;
  count: number;
  rows: number;
}

/** Statistics of blocks of x, by the convolution that makes x if it has not run yet. */
function blockStatistics(backend: SimdBackend, x: TensorInfo): Sums {
  const source = backend.deferred(x);
  if (source instanceof Convolution && source.canSum && !source.parts.extra) {
    const { y, ...sums } = source.computeWithStatistics();
    backend.settle(x, y);
    return sums;
  }
  const { rows, channels, block, chunks } = rowsOf(x.shape);
  const from = backend.pointer(x);
  const parts = backend.temporary(chunks * vectors(channels) * 12, 'partial statistics');
  backend.runtime.run(Job.NormStatistics, 'norm statistics', chunks, [from, parts.pointer, rows, channels, block]);
  return { parts, count: chunks, rows: block };
}

/** Per-channel mean and biased variance. */
function statistics(backend: SimdBackend, x: TensorInfo): [mean: TensorInfo, variance: TensorInfo] {
  const { rows, channels } = rowsOf(x.shape);
  const sums = blockStatistics(backend, x);
  const mean = backend.makeOutputTensor([channels]);
  const variance = backend.makeOutputTensor([channels]);
  const args = [sums.parts.pointer, backend.pointer(mean), backend.pointer(variance), rows, channels, sums.rows];
  backend.runtime.run(Job.NormStatisticsFinish, 'norm statistics', 1, args);
  sums.parts.release();
  return [mean, variance];
}

interface Given {
  mean: TensorInfo;
  variance: TensorInfo;
  scale?: TensorInfo;
  offset?: TensorInfo;
  epsilon: number;
}

/** a = scale / √(variance + ε), b = offset − mean·a. */
function factorsOf(backend: SimdBackend, channels: number, { mean, variance, scale, offset, epsilon }: Given): Block {
  const blocks = [mean, variance, scale, offset].map((tensor) => tensor && backend.block(tensor));
  const [m, v, s, o] = blocks.map((block) => block && backend.floats(block, channels));
  return channelFactors(backend, channels, (i) => {
    const a = (s?.[i] ?? 1) / Math.sqrt((v?.[i] ?? 1) + epsilon);
    return [a, (o?.[i] ?? 0) - (m?.[i] ?? 0) * a];
  });
}

/** The normalised x, when it is needed. */
function normalise(backend: SimdBackend, x: TensorInfo, given: Given): TensorInfo {
  const factors = factorsOf(backend, x.shape.at(-1) ?? 1, given);
  const source = backend.deferred(x);
  const fused = source instanceof Convolution && !source.parts.factors && !source.parts.extra && !source.parts.relu;
  const y = fused
    ? source.with({ factors })
    : new Affine(backend, { shape: x.shape, x: backend.block(x), factors, relu: false });
  factors.release();
  return backend.makeDeferred(x.shape, y);
}

/** Batch normalisation in training: `[y, mean, variance]`. */
export const batchNorm: SimdKernel = ({ backend, inputs, attrs }) => {
  const { x, scale, offset } = inputs as { x: TensorInfo; scale: TensorInfo; offset: TensorInfo };
  if (!allFloat(x, scale, offset))
    throw new TypeError(`ResNetBatchNorm: x, scale and offset must be float32, got ${x.dtype}. Cast them.`);
  const [mean, variance] = statistics(backend, x);
  return [normalise(backend, x, { mean, variance, scale, offset, epsilon: attrs.epsilon as number }), mean, variance];
};

/** tfjs's `FusedBatchNorm`: normalisation with given statistics. */
export const fusedBatchNorm: SimdKernel = ({ backend, inputs, attrs }) => {
  const { x, mean, variance, scale, offset } = inputs as Record<'x' | 'mean' | 'variance', TensorInfo> & {
    scale?: TensorInfo;
    offset?: TensorInfo;
  };
  const channels = x.shape.at(-1);
  const perChannel = [mean, variance, scale, offset].every(
    (t) => !t || (t.shape.length === 1 && t.shape[0] === channels),
  );
  if (!perChannel || !allFloat(x, mean, variance, scale, offset)) return undefined;
  return normalise(backend, x, {
    mean,
    variance,
    scale,
    offset,
    epsilon: (attrs.varianceEpsilon as number | undefined) ?? 0.001,
  });
};

/** Σg and Σg·(x − mean), and g: dy, or what of dy passes the relu that follows the normalisation. Settles dy if it waits for that. */
function gradientSums(backend: SimdBackend, dy: TensorInfo, x: TensorInfo, mean: TensorInfo): Sums {
  const waiting = backend.deferred(dy);
  if (!(waiting instanceof Masked)) return sumRows(backend, backend.block(dy), x, mean, [0, 0, 0]);
  const { gradient, mask } = waiting;
  const ownMask = mask instanceof Affine && mask.parts.x === backend.block(x);
  const result = ownMask
    ? maskedSums(backend, gradient, x, mean, { factors: mask.parts.factors })
    : using(blockOf(mask), (output) => maskedSums(backend, gradient, x, mean, { output }));
  backend.settle(dy, result.g);
  return result;
}

function maskedSums(
  backend: SimdBackend,
  gradient: Block | Convolution,
  x: TensorInfo,
  mean: TensorInfo,
  mask: { output: Block } | { factors: Block },
): Sums & { g: Block } {
  if (gradient instanceof Convolution && gradient.canSum) {
    const { y, ...sums } = gradient.computeThrough({ mask, x: backend.block(x), mean: backend.block(mean) });
    return { ...sums, g: y };
  }
  return using(blockOf(gradient), (dy) => {
    const g = backend.temporary(util.sizeFromShape(x.shape) * 4, 'a gradient');
    const by = 'output' in mask ? [1, mask.output.pointer] : [2, mask.factors.pointer];
    return { ...sumRows(backend, dy, x, mean, [...by, g.pointer]), g };
  });
}

function sumRows(backend: SimdBackend, dy: Block, x: TensorInfo, mean: TensorInfo, mask: number[]): Sums {
  const { rows, channels, block, chunks } = rowsOf(x.shape);
  const parts = backend.temporary(chunks * vectors(channels) * 12, 'partial sums');
  const args = [dy.pointer, backend.pointer(x), backend.pointer(mean), parts.pointer, rows, channels, block, ...mask];
  backend.runtime.run(Job.NormGradSums, 'norm gradient sums', chunks, args);
  return { parts, count: chunks, rows: block };
}

/** The gradient of `ResNetBatchNorm`: `[dx, dScale, dOffset]`. */
export const batchNormGrad: SimdKernel = ({ backend, inputs, attrs }) => {
  const { dy, x, scale, mean, variance } = inputs as Record<'dy' | 'x' | 'scale' | 'mean' | 'variance', TensorInfo>;
  const { rows, channels } = rowsOf(x.shape);
  const { parts, count } = gradientSums(backend, dy, x, mean);
  const dScale = backend.makeOutputTensor([channels]);
  const dOffset = backend.makeOutputTensor([channels]);
  const factors = backend.temporary(vectors(channels) * 12, 'factors of a gradient');
  const pointers = [scale, mean, variance, dScale, dOffset].map((tensor) => backend.pointer(tensor));
  const finish = [parts.pointer, ...pointers, factors.pointer, rows, channels, count, float(attrs.epsilon as number)];
  backend.runtime.run(Job.NormGradSumsFinish, 'norm gradient sums', 1, finish);
  parts.release();
  const dx = new NormGradient(backend, x.shape, backend.block(dy), backend.block(x), factors);
  factors.release();
  return [backend.makeDeferred(x.shape, dx), dScale, dOffset];
};
