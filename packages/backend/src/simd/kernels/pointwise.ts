import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import type { SimdBackend } from '../backend';
import { allFloat, chunksOf, type SimdKernel, sameShape } from '../kernel';
import { float } from '../runtime';

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

/** tfjs's `Relu`. */
export const relu: SimdKernel = ({ backend, inputs }) => {
  const { x } = inputs as { x: TensorInfo };
  return allFloat(x) ? pointwise(backend, Job.Relu, 'relu', [x], x.shape) : undefined;
};

/** The gradient of relu from its output. */
export const reluGrad: SimdKernel = ({ backend, inputs }) => {
  const { dy, y } = inputs as { dy: TensorInfo; y: TensorInfo };
  return pointwise(backend, Job.ReluGrad, 'relu gradient', [dy, y], y.shape);
};

/** tfjs's `Add` of equal shapes. */
export const add: SimdKernel = ({ backend, inputs }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  return allFloat(a, b) && sameShape(a.shape, b.shape)
    ? pointwise(backend, Job.Add, 'add', [a, b], a.shape)
    : undefined;
};

/** tfjs's `Multiply` of equal shapes, or by a single number. */
export const multiply: SimdKernel = ({ backend, inputs }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  if (!allFloat(a, b)) return undefined;
  if (sameShape(a.shape, b.shape)) return pointwise(backend, Job.Multiply, 'multiply', [a, b], a.shape);
  const [one, many] = util.sizeFromShape(a.shape) === 1 ? [a, b] : [b, a];
  if (util.sizeFromShape(one.shape) !== 1 || one.shape.length > many.shape.length) return undefined;
  const [factor = 0] = backend.readSync(one.dataId) as Float32Array;
  return pointwise(backend, Job.Scale, 'multiply', [many], many.shape, float(factor));
};

/** tfjs's `AddN`. */
export const addN: SimdKernel = ({ backend, inputs }) => {
  const [first, second, ...rest] = Object.values(inputs) as TensorInfo[];
  if (!first || !second || !allFloat(first, second, ...rest)) return undefined;
  let sum = pointwise(backend, Job.Add, 'add', [first, second], first.shape);
  for (const next of rest) {
    const before = sum;
    sum = pointwise(backend, Job.Add, 'add', [before, next], first.shape);
    backend.disposeIntermediateTensorInfo(before);
  }
  return sum;
};
