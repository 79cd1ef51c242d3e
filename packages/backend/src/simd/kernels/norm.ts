import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { JobArguments } from '../../../contract/encode';
import { Mask } from '../../../contract/modes';
import type { SimdBackend } from '../backend';
import { Affine } from '../deferred/affine';
import type { Convolution } from '../deferred/convolution';
import { using } from '../deferred/deferred';
import { convolutionTakes } from '../deferred/fusion';
import { blockOf, Masked } from '../deferred/masked';
import { NormGradient } from '../deferred/norm-gradient';
import { allFloat, type SimdKernel } from '../kernel';
import type { Block } from '../pool';
import { rowsOf, vectors } from '../rows';
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
  if (convolutionTakes(source, 'statistics')) {
    const { y, ...sums } = source.computeWithStatistics();
    backend.settle(x, y);
    return sums;
  }
  const { rows, channels, block, chunks } = rowsOf(x.shape);
  const from = backend.pointer(x);
  const parts = backend.temporary(chunks * vectors(channels) * 12, 'partial statistics');
  const args = { x: from, parts: parts.pointer, rows, channels, block };
  backend.runtime.run('NormStatistics', args, { label: 'norm statistics', chunks });
  return { parts, count: chunks, rows: block };
}

/** Per-channel mean and biased variance. */
function statistics(backend: SimdBackend, x: TensorInfo): [mean: TensorInfo, variance: TensorInfo] {
  const { rows, channels } = rowsOf(x.shape);
  const sums = blockStatistics(backend, x);
  const mean = backend.makeOutputTensor([channels]);
  const variance = backend.makeOutputTensor([channels]);
  const pointers = { parts: sums.parts.pointer, mean: backend.pointer(mean), variance: backend.pointer(variance) };
  const args = { ...pointers, rows, channels, block: sums.rows };
  backend.runtime.run('NormStatisticsFinish', args, { label: 'norm statistics', chunks: 1 });
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

function factorsOf(backend: SimdBackend, channels: number, { mean, variance, scale, offset, epsilon }: Given): Block {
  const at = (tensor: TensorInfo | undefined) => tensor && backend.block(tensor);
  const given = { mean: at(mean), variance: at(variance), scale: at(scale), offset: at(offset) };
  return channelFactors(backend, channels, { ...given, epsilon });
}

/** The normalized x, when it is needed. */
function normalize(backend: SimdBackend, x: TensorInfo, given: Given): TensorInfo {
  const factors = factorsOf(backend, x.shape.at(-1) ?? 1, given);
  const source = backend.deferred(x);
  const y = convolutionTakes(source, 'normalization')
    ? source.with({ factors })
    : new Affine(backend, { shape: x.shape, x: backend.block(x), factors, relu: false });
  factors.release();
  return backend.makeDeferred(x.shape, y);
}

/** Batch normalization in training: `[y, mean, variance]`. `whole`, if given, changes mean and variance before they are used. */
export const batchNorm: SimdKernel = ({ backend, inputs, attrs }) => {
  const { x, scale, offset } = inputs as { x: TensorInfo; scale: TensorInfo; offset: TensorInfo };
  if (!allFloat(x, scale, offset))
    throw new TypeError(`ResNetBatchNorm: x, scale and offset must be float32, got ${x.dtype}. Cast them.`);
  const [mean, variance] = statistics(backend, x);
  const { whole } = attrs as { whole?: (mean: Float32Array, variance: Float32Array) => void };
  if (whole) backend.workInPlace([mean, variance], ([m, v]) => whole(m!, v!));
  return [normalize(backend, x, { mean, variance, scale, offset, epsilon: attrs.epsilon as number }), mean, variance];
};

/** tfjs's `FusedBatchNorm`: normalization with given statistics. */
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
  return normalize(backend, x, {
    mean,
    variance,
    scale,
    offset,
    epsilon: (attrs.varianceEpsilon as number | undefined) ?? 0.001,
  });
};

/** Σg and Σg·(x − mean), and g: dy, or what of dy passes the relu that follows the normalization. Settles dy if it waits for that. */
function gradientSums(backend: SimdBackend, dy: TensorInfo, x: TensorInfo, mean: TensorInfo): Sums {
  const waiting = backend.deferred(dy);
  if (!(waiting instanceof Masked)) return sumRows(backend, backend.block(dy), x, mean, { mask: Mask.All });
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
  if (!('bytes' in gradient) && convolutionTakes(gradient, 'masked sums')) {
    const { y, ...sums } = gradient.computeThrough({ mask, x: backend.block(x), mean: backend.block(mean) });
    return { ...sums, g: y };
  }
  return using(blockOf(gradient), (dy) => {
    const g = backend.temporary(util.sizeFromShape(x.shape) * 4, 'a gradient');
    const by =
      'output' in mask
        ? { mask: Mask.ByOutput, maskSource: mask.output.pointer }
        : { mask: Mask.ByFactors, maskSource: mask.factors.pointer };
    return { ...sumRows(backend, dy, x, mean, { ...by, g: g.pointer }), g };
  });
}

type MaskArguments = Pick<JobArguments<'NormGradientSums'>, 'mask' | 'maskSource' | 'g'>;

function sumRows(backend: SimdBackend, dy: Block, x: TensorInfo, mean: TensorInfo, mask: MaskArguments): Sums {
  const { rows, channels, block, chunks } = rowsOf(x.shape);
  const parts = backend.temporary(chunks * vectors(channels) * 12, 'partial sums');
  const pointers = { dy: dy.pointer, x: backend.pointer(x), mean: backend.pointer(mean), parts: parts.pointer };
  const args = { ...pointers, rows, channels, block, ...mask };
  backend.runtime.run('NormGradientSums', args, { label: 'norm gradient sums', chunks });
  return { parts, count: chunks, rows: block };
}

/** Sums over all rows that are normalized together. */
type Whole = (
  dScale: Float32Array,
  dOffset: Float32Array,
) => { dScale: Float64Array; dOffset: Float64Array; rows: number };

/** `NormGradientSumsFinish`'s factors of dx = a·g + b·x + c, by sums over more rows than this process has. */
function wholeFactors(
  factors: Float32Array,
  { scale, mean, variance }: Record<'scale' | 'mean' | 'variance', Float32Array>,
  { dScale, dOffset, rows }: ReturnType<Whole>,
  epsilon: number,
): void {
  const gap = factors.length / 3;
  for (let i = 0; i < scale.length; i++) {
    const inverse = 1 / Math.sqrt(variance[i]! + epsilon);
    const a = scale[i]! * inverse;
    const b = (-a * inverse * dScale[i]!) / rows;
    factors[i] = a;
    factors[gap + i] = b;
    factors[2 * gap + i] = (-a * dOffset[i]!) / rows - b * mean[i]!;
  }
}

/** The gradient of `ResNetBatchNorm`: `[dx, dScale, dOffset]`. `whole`, if given, makes sums over all rows out of this process's. */
export const batchNormGrad: SimdKernel = ({ backend, inputs, attrs }) => {
  const { dy, x, scale, mean, variance } = inputs as Record<'dy' | 'x' | 'scale' | 'mean' | 'variance', TensorInfo>;
  const { rows, channels } = rowsOf(x.shape);
  const { parts, count } = gradientSums(backend, dy, x, mean);
  const dScale = backend.makeOutputTensor([channels]);
  const dOffset = backend.makeOutputTensor([channels]);
  const factors = backend.temporary(vectors(channels) * 12, 'factors of a gradient');
  const finish = {
    parts: parts.pointer,
    scale: backend.pointer(scale),
    mean: backend.pointer(mean),
    variance: backend.pointer(variance),
    dScale: backend.pointer(dScale),
    dOffset: backend.pointer(dOffset),
    factors: factors.pointer,
    rows,
    channels,
    count,
    epsilon: attrs.epsilon as number,
  };
  backend.runtime.run('NormGradientSumsFinish', finish, { label: 'norm gradient sums', chunks: 1 });
  parts.release();
  const { whole } = attrs as { whole?: Whole };
  if (whole) {
    const at = backend.block.bind(backend);
    const places = { scale: at(scale), mean: at(mean), variance: at(variance) };
    const [own, offset] = [at(dScale), at(dOffset)];
    const floats = (block: Block) => backend.floats(block, channels);
    backend.call(() => {
      const given = { scale: floats(places.scale), mean: floats(places.mean), variance: floats(places.variance) };
      const all = backend.floats(factors, 3 * vectors(channels));
      wholeFactors(all, given, whole(floats(own), floats(offset)), finish.epsilon);
    });
  }
  const dx = new NormGradient(backend, x.shape, backend.block(dy), backend.block(x), factors);
  factors.release();
  return [backend.makeDeferred(x.shape, dx), dScale, dOffset];
};
