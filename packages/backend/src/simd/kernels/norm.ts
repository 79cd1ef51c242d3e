import type { TensorInfo } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import type { SimdBackend } from '../backend';
import { allFloat, chunksOf, type SimdKernel } from '../kernel';
import { float } from '../runtime';

/** Rows that a chunk takes: about 64 KiB. Fixed by the shape, so that sums do not depend on the threads. */
const rowsOf = (shape: number[]): { rows: number; channels: number; block: number; chunks: number } => {
  const channels = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const block = Math.max(1, Math.floor(16_384 / channels));
  return { rows, channels, block, chunks: chunksOf(rows, block) };
};

/** Per-channel mean and biased variance. */
function statistics(backend: SimdBackend, x: TensorInfo): [mean: TensorInfo, variance: TensorInfo] {
  const { rows, channels, block, chunks } = rowsOf(x.shape);
  const from = backend.pointer(x);
  const mean = backend.makeOutputTensor([channels]);
  const variance = backend.makeOutputTensor([channels]);
  const parts = backend.temporary(chunks * channels * 8, 'partial statistics');
  backend.runtime.run(Job.NormStatistics, 'norm statistics', chunks, [from, parts.pointer, rows, channels, block]);
  const args = [parts.pointer, backend.pointer(mean), backend.pointer(variance), rows, channels, block];
  backend.runtime.run(Job.NormStatisticsFinish, 'norm statistics', 1, args);
  parts.release();
  return [mean, variance];
}

function apply(
  backend: SimdBackend,
  x: TensorInfo,
  [mean, variance, scale, offset]: [TensorInfo, TensorInfo, TensorInfo | undefined, TensorInfo | undefined],
  epsilon: number,
): TensorInfo {
  const { rows, channels, block, chunks } = rowsOf(x.shape);
  const optional = (tensor: TensorInfo | undefined): number => (tensor ? backend.pointer(tensor) : 0);
  const pointers = [backend.pointer(mean), backend.pointer(variance), optional(scale), optional(offset)];
  const from = backend.pointer(x);
  const y = backend.makeOutputTensor(x.shape);
  backend.runtime.scratch(channels * 12);
  const args = [from, backend.pointer(y), ...pointers, rows, channels, block, 0, float(epsilon), 0];
  backend.runtime.run(Job.NormApply, 'norm apply', chunks, args);
  return y;
}

/** Batch normalisation in training: `[y, mean, variance]`. */
export const batchNorm: SimdKernel = ({ backend, inputs, attrs }) => {
  const { x, scale, offset } = inputs as { x: TensorInfo; scale: TensorInfo; offset: TensorInfo };
  if (!allFloat(x, scale, offset))
    throw new TypeError(`ResNetBatchNorm: x, scale and offset must be float32, got ${x.dtype}. Cast them.`);
  const [mean, variance] = statistics(backend, x);
  return [apply(backend, x, [mean, variance, scale, offset], attrs.epsilon as number), mean, variance];
};

/** Its gradient: `[dx, dScale, dOffset]`. */
export const batchNormGrad: SimdKernel = ({ backend, inputs, attrs }) => {
  const { dy, x, scale, mean, variance } = inputs as Record<'dy' | 'x' | 'scale' | 'mean' | 'variance', TensorInfo>;
  const { rows, channels, block, chunks } = rowsOf(x.shape);
  const [g, from, m] = [backend.pointer(dy), backend.pointer(x), backend.pointer(mean)];
  const dScale = backend.makeOutputTensor([channels]);
  const dOffset = backend.makeOutputTensor([channels]);
  const dx = backend.makeOutputTensor(x.shape);
  const parts = backend.temporary(chunks * channels * 8, 'partial sums');
  const factors = backend.temporary(channels * 12, 'factors of a gradient');
  backend.runtime.run(Job.NormGradSums, 'norm gradient sums', chunks, [
    g,
    from,
    m,
    parts.pointer,
    rows,
    channels,
    block,
  ]);
  const pointers = [scale, variance, dScale, dOffset].map((tensor) => backend.pointer(tensor));
  const finish = [parts.pointer, ...pointers, factors.pointer, rows, channels, block, float(attrs.epsilon as number)];
  backend.runtime.run(Job.NormGradSumsFinish, 'norm gradient sums', 1, finish);
  backend.runtime.run(Job.NormGradApply, 'norm gradient', chunks, [
    g,
    from,
    m,
    factors.pointer,
    backend.pointer(dx),
    rows,
    channels,
    block,
  ]);
  parts.release();
  factors.release();
  return [dx, dScale, dOffset];
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
  return apply(backend, x, [mean, variance, scale, offset], (attrs.varianceEpsilon as number | undefined) ?? 0.001);
};
