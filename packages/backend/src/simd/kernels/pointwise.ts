import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Operation, Single, UnaryOperation } from '../../../contract/modes';
import type { SimdBackend } from '../backend';
import { Convolution } from '../deferred/convolution';
import { affineTakes, takes } from '../deferred/fusion';
import { Masked } from '../deferred/masked';
import { allFloat, chunksOf, type SimdKernel, sameShape } from '../kernel';
import { arithmetic, flat } from './arithmetic';

/** Values a chunk takes. */
const BLOCK = 32_768;

function positive(backend: SimdBackend, x: TensorInfo): TensorInfo {
  const size = util.sizeFromShape(x.shape);
  const from = backend.pointer(x);
  const y = backend.makeOutputTensor(x.shape);
  const args = { x: from, y: backend.pointer(y), size, block: BLOCK };
  backend.runtime.run('Relu', args, { label: 'relu', chunks: chunksOf(size, BLOCK) });
  return y;
}

/** tfjs's `Relu`; part of what makes x, if that waits. */
export const relu: SimdKernel = ({ backend, inputs }) => {
  const { x } = inputs as { x: TensorInfo };
  if (!allFloat(x)) return undefined;
  const source = backend.deferred(x);
  if (takes(source, 'relu')) return backend.makeDeferred(x.shape, source.with({ relu: true }));
  return positive(backend, x);
};

/** tfjs's `Square` or `Sqrt` of floats. */
export const unary =
  (operation: UnaryOperation): SimdKernel =>
  ({ backend, inputs }) => {
    const { x } = inputs as { x: TensorInfo };
    if (!allFloat(x)) return undefined;
    const size = util.sizeFromShape(x.shape);
    const from = backend.pointer(x);
    const y = backend.makeOutputTensor(x.shape);
    const args = { x: from, y: backend.pointer(y), size, block: BLOCK, operation };
    const label = UnaryOperation[operation].toLowerCase();
    backend.runtime.run('Unary', args, { label, chunks: chunksOf(size, BLOCK) });
    return y;
  };

/** The gradient of relu from its output: waits, since the normalization before it can do it on the way. */
export const reluGrad: SimdKernel = ({ backend, inputs }) => {
  const { dy, y } = inputs as { dy: TensorInfo; y: TensorInfo };
  const [source, output] = [backend.deferred(dy), backend.deferred(y)];
  const gradient = source instanceof Convolution ? source.with({}) : backend.block(dy).retain();
  const mask = affineTakes(output, 'mask') ? output.with({}) : backend.block(y).retain();
  return backend.makeDeferred(y.shape, new Masked(backend, y.shape, gradient, mask));
};

/** tfjs's `Add`; part of what makes one of the two, if that waits. */
export const add: SimdKernel = (call) => {
  const { backend, inputs } = call;
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  if (!allFloat(a, b) || !sameShape(a.shape, b.shape)) return arithmetic(Operation.Add)(call);
  for (const [waiting, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (!takes(backend.deferred(waiting), 'add')) continue;
    const extra = backend.block(other); // of x + x, x no longer waits after this
    const source = backend.deferred(waiting);
    if (takes(source, 'add')) return backend.makeDeferred(a.shape, source.with({ extra }));
  }
  return arithmetic(Operation.Add)(call);
};

function sumOf(backend: SimdBackend, a: TensorInfo, b: TensorInfo): TensorInfo {
  const pointers = { a: backend.pointer(a), b: backend.pointer(b) };
  const y = backend.makeOutputTensor(a.shape);
  const operands = { ...pointers, y: backend.pointer(y), operation: Operation.Add, single: Single.None };
  flat(backend.runtime, 'add', operands, util.sizeFromShape(a.shape));
  return y;
}

/** tfjs's `AddN`. */
export const addN: SimdKernel = ({ backend, inputs }) => {
  const [first, second, ...rest] = Object.values(inputs) as TensorInfo[];
  if (!first || !second || !allFloat(first, second, ...rest)) return undefined;
  let sum = sumOf(backend, first, second);
  for (const next of rest) {
    const before = sum;
    sum = sumOf(backend, before, next);
    backend.disposeIntermediateTensorInfo(before);
  }
  return sum;
};
