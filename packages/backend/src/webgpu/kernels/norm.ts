import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Block } from '../block';
import { Affine } from '../deferred/affine';
import { Convolution, type Summed } from '../deferred/convolution';
import { InputGradient } from '../deferred/input-gradient';
import { blockOf, Masked } from '../deferred/masked';
import { allFloat, type WebGpuKernel } from '../kernel';
import { planned } from '../planned';
import { rowsOf } from '../rows';
import type { WebGpuBackend } from '../webgpu-backend';
import {
  applyGradient,
  finishGradientSums,
  finishStatistics,
  givenFactors,
  gradientSums,
  statistics,
} from '../wgsl/norm';

/** Moments of pieces of x, by the convolution that makes x if it has not run yet. */
function pieceStatistics(backend: WebGpuBackend, x: TensorInfo): Omit<Summed, 'y'> {
  const source = backend.deferredOf(x);
  if (source instanceof Convolution) {
    const { y, ...summed } = source.computeWithStatistics();
    backend.settle(x, y);
    return summed;
  }
  const { rows, channels } = rowsOf(x.shape);
  const program = planned(statistics, rows, channels);
  const sums = backend.take(2 * program.parts * channels);
  backend.run(program, [backend.block(x), sums]);
  return { sums, parts: program.parts, rows: program.rows };
}

/** Batch normalization in training: `[y, mean, variance]`. */
export const batchNorm: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const { x, scale, offset } = inputs as { x: TensorInfo; scale: TensorInfo; offset: TensorInfo };
  if (!allFloat(x, scale, offset))
    throw new TypeError(`ResNetBatchNorm: x, scale and offset must be float32, got ${x.dtype}. Cast them.`);
  const { rows, channels } = rowsOf(x.shape);
  const { sums, ...pieces } = pieceStatistics(backend, x);
  const [mean, variance] = [backend.makeOutput([channels]), backend.makeOutput([channels])];
  const factors = backend.take(2 * channels);
  const program = planned(finishStatistics, rows, channels, pieces, attrs.epsilon as number);
  const tensors = [scale, offset, mean, variance].map((tensor) => backend.block(tensor));
  backend.run(program, [sums, ...tensors, factors]);
  sums.release();
  const y = new Affine(backend, { shape: x.shape, x: backend.block(x), factors, relu: false });
  factors.release();
  return [backend.makeDeferred(x.shape, y), mean, variance];
};

/** tfjs's `FusedBatchNorm`: normalization with given statistics. */
export const fusedBatchNorm: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const { x, mean, variance, scale, offset } = inputs as Record<string, TensorInfo | undefined>;
  const channels = x!.shape.at(-1) ?? 1;
  const given = [mean, variance, scale, offset].map((tensor) =>
    tensor?.shape.length === 1 && tensor.shape[0] === channels ? tensor : undefined,
  );
  if (given.includes(undefined) || !allFloat(x, ...given)) return undefined;
  const factors = backend.take(2 * channels);
  const program = planned(givenFactors, channels, (attrs.varianceEpsilon as number | undefined) ?? 0.001);
  backend.run(program, [...given.map((tensor) => backend.block(tensor!)), factors]);
  const y = new Affine(backend, { shape: x!.shape, x: backend.block(x!), factors, relu: false });
  factors.release();
  return backend.makeDeferred(x!.shape, y);
};

/** Sums by piece over the gradient that arrives. */
interface GradientSums {
  readonly sums: Block;
  readonly parts: number;
}

/** Σg and Σg·(x − mean), and g: dy, or what of dy passes the relu behind the normalization. Settles dy if it waits for that. */
function sumsOf(backend: WebGpuBackend, dy: TensorInfo, x: TensorInfo, mean: TensorInfo): GradientSums {
  const [from, about] = [backend.block(x), backend.block(mean)];
  const waiting = backend.deferredOf(dy);
  if (!(waiting instanceof Masked)) {
    const { rows, channels } = rowsOf(x.shape);
    const program = planned(gradientSums, rows, channels, 'none');
    const sums = backend.take(2 * program.parts * channels);
    backend.run(program, [backend.block(dy), from, about, sums]);
    return { sums, parts: program.parts };
  }
  const { gradient, mask } = waiting;
  const own = mask instanceof Affine && mask.parts.x === from && mask.input ? mask.parts.factors : undefined;
  const output = own ? undefined : blockOf(mask);
  const by = own ? { factors: own } : { output: output! };
  const { g, ...result } =
    gradient instanceof InputGradient
      ? gradient.computeThrough({ mask: by, x: from, mean: about })
      : sumRowsThrough(backend, gradient, x.shape, [from, about], by);
  output?.release();
  backend.settle(dy, g);
  return result;
}

function sumRowsThrough(
  backend: WebGpuBackend,
  dy: Block,
  shape: readonly number[],
  [x, mean]: readonly [Block, Block],
  by: { output: Block } | { factors: Block },
): GradientSums & { g: Block } {
  const { rows, channels } = rowsOf(shape);
  const [through, masking] = 'output' in by ? (['output', by.output] as const) : (['factors', by.factors] as const);
  const program = planned(gradientSums, rows, channels, through);
  const sums = backend.take(2 * program.parts * channels);
  const g = backend.take(rows * channels);
  backend.run(program, [dy, x, mean, sums, masking, g]);
  return { sums, parts: program.parts, g };
}

/** The gradient of `ResNetBatchNorm`: `[dx, dScale, dOffset]`. */
export const batchNormGrad: WebGpuKernel = ({ backend, inputs, attrs }) => {
  const { dy, x, scale, mean, variance } = inputs as Record<'dy' | 'x' | 'scale' | 'mean' | 'variance', TensorInfo>;
  const { rows, channels } = rowsOf(x.shape);
  const { sums, parts } = sumsOf(backend, dy, x, mean);
  const [dScale, dOffset] = [backend.makeOutput([channels]), backend.makeOutput([channels])];
  const coefficients = backend.take(4 * channels);
  const tensors = [scale, mean, variance, dScale, dOffset].map((tensor) => backend.block(tensor));
  const finish = planned(finishGradientSums, rows, channels, parts, attrs.epsilon as number);
  backend.run(finish, [sums, ...tensors, coefficients]);
  sums.release();
  const dx = backend.makeOutput(x.shape);
  backend.run(planned(applyGradient, rows, channels), [
    backend.block(dy),
    backend.block(x),
    coefficients,
    backend.block(dx),
  ]);
  coefficients.release();
  return [dx, dScale, dOffset];
};
