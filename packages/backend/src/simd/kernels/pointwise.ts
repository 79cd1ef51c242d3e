import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import type { SimdBackend } from '../backend';
import { Affine } from '../deferred/affine';
import { Convolution } from '../deferred/convolution';
import type { Deferred } from '../deferred/deferred';
import { Masked } from '../deferred/masked';
import { allFloat, chunksOf, type SimdKernel, sameShape } from '../kernel';
import { arithmetic, Operation } from './arithmetic';

/** Values a chunk takes. */
const BLOCK = 32_768;

/** Runs a job whose arguments are pointers, then size and block. */
function pointwise(
  backend: SimdBackend,
  job: Job,
  label: string,
  inputs: TensorInfo[],
  shape: number[],
  ...more: number[]
): TensorInfo {
  const size = util.sizeFromShape(shape);
  const pointers = inputs.map((tensor) => backend.pointer(tensor));
  const y = backend.makeOutputTensor(shape);
  backend.runtime.run(job, label, chunksOf(size, BLOCK), [...pointers, backend.pointer(y), size, BLOCK, ...more]);
  return y;
}

/** tfjs's `Relu`; part of what makes x, if that waits. */
export const relu: SimdKernel = ({ backend, inputs }) => {
  const { x } = inputs as { x: TensorInfo };
  if (!allFloat(x)) return undefined;
  const source = backend.deferred(x);
  const fusible = source instanceof Affine || source instanceof Convolution;
  if (fusible && !source.parts.relu) return backend.makeDeferred(x.shape, source.with({ relu: true }));
  return pointwise(backend, Job.Relu, 'relu', [x], x.shape);
};

/** The gradient of relu from its output: waits, since the normalisation before it can do it on the way. */
export const reluGrad: SimdKernel = ({ backend, inputs }) => {
  const { dy, y } = inputs as { dy: TensorInfo; y: TensorInfo };
  const [source, output] = [backend.deferred(dy), backend.deferred(y)];
  const gradient = source instanceof Convolution ? source.with({}) : backend.block(dy).retain();
  const mask = output instanceof Affine && output.input ? output.with({}) : backend.block(y).retain();
  return backend.makeDeferred(y.shape, new Masked(backend, y.shape, gradient, mask));
};

/** Whether something can still be added to what a tensor waits for. */
const takesMore = (source: Deferred | undefined): source is Affine | Convolution =>
  (source instanceof Affine || source instanceof Convolution) && !source.parts.relu && !source.parts.extra;

/** tfjs's `Add`; part of what makes one of the two, if that waits. */
export const add: SimdKernel = (call) => {
  const { backend, inputs } = call;
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  if (!allFloat(a, b) || !sameShape(a.shape, b.shape)) return arithmetic(Operation.Add)(call);
  for (const [waiting, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (!takesMore(backend.deferred(waiting))) continue;
    const extra = backend.block(other); // of x + x, x no longer waits after this
    const source = backend.deferred(waiting);
    if (takesMore(source)) return backend.makeDeferred(a.shape, source.with({ extra }));
  }
  return arithmetic(Operation.Add)(call);
};

/** tfjs's `AddN`. */
export const addN: SimdKernel = ({ backend, inputs }) => {
  const [first, second, ...rest] = Object.values(inputs) as TensorInfo[];
  if (!first || !second || !allFloat(first, second, ...rest)) return undefined;
  const more = [Operation.Add, 0];
  let sum = pointwise(backend, Job.Arithmetic, 'add', [first, second], first.shape, ...more);
  for (const next of rest) {
    const before = sum;
    sum = pointwise(backend, Job.Arithmetic, 'add', [before, next], first.shape, ...more);
    backend.disposeIntermediateTensorInfo(before);
  }
  return sum;
};
