import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend';
import { allFloat, type KernelCall, type SimdKernel } from '../kernel';

/** Sums neighbouring axes, times `1/size` for a mean. `undefined` for other choices of axes. */
function reduce({ backend, inputs, attrs }: KernelCall, mean: boolean): TensorInfo | undefined {
  const { x } = inputs as { x: TensorInfo };
  const axes = util.parseAxisParam(attrs.axis as number[], x.shape).sort((a, b) => a - b);
  const [first = 0] = axes;
  const neighbours = axes.every((axis, i) => axis === first + i);
  if (!allFloat(x) || !neighbours || axes.length === 0 || util.sizeFromShape(x.shape) === 0) return undefined;
  const outer = util.sizeFromShape(x.shape.slice(0, first));
  const middle = util.sizeFromShape(x.shape.slice(first, first + axes.length));
  const inner = util.sizeFromShape(x.shape.slice(first + axes.length));
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const shape = attrs.keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  return sum(backend, x, shape, [outer, middle, inner], mean ? 1 / middle : 1);
}

function sum(
  backend: SimdBackend,
  x: TensorInfo,
  shape: number[],
  [outer, middle, inner]: [number, number, number],
  factor: number,
): TensorInfo {
  const from = backend.pointer(x);
  const y = backend.makeOutputTensor(shape);
  backend.runtime.run(
    'SpatialSum',
    { x: from, y: backend.pointer(y), middle, channels: inner, factor },
    { label: 'sum', chunks: outer, parallel: outer * middle * inner > 50_000 },
  );
  return y;
}

/** tfjs's `Sum` over neighbouring axes. */
export const sumKernel: SimdKernel = (call) => reduce(call, false);

/** tfjs's `Mean` over neighbouring axes, global average pooling above all. */
export const meanKernel: SimdKernel = (call) => reduce(call, true);
