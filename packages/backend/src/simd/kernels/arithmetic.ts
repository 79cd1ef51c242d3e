import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import { allFloat, chunksOf, type SimdKernel } from '../kernel';

/** As in `assembly/pointwise.ts`. */
export enum Operation {
  Add,
  Subtract,
  Multiply,
  Divide,
}

const names = ['add', 'subtract', 'multiply', 'divide'];

/** Values a chunk takes. */
const BLOCK = 32_768;

/** A job and its arguments from the fourth on. */
interface Plan {
  job: Job;
  chunks: number;
  args: number[];
}

/** `undefined` where the shapes broadcast in more than one stretch of axes. */
function plan(a: number[], b: number[], shape: number[], operation: Operation): Plan | undefined {
  const size = util.sizeFromShape(shape);
  const [sizeA, sizeB] = [util.sizeFromShape(a), util.sizeFromShape(b)];
  // Of full size, both are `shape` but for ones in front: [1, 6, 1] and [6, 1], say.
  if ((sizeA === size && sizeB === size) || sizeA === 1 || sizeB === 1) {
    const single = sizeA === sizeB ? 0 : sizeA === 1 ? 1 : 2;
    return { job: Job.Arithmetic, chunks: chunksOf(size, BLOCK), args: [size, BLOCK, operation, single] };
  }
  const broadcast = sizeA < sizeB ? 1 : 2;
  const stretch = stretchOf(broadcast === 1 ? a : b, shape);
  if (!stretch || Math.max(sizeA, sizeB) !== size) return undefined;
  const [outer, middle, inner] = stretch;
  const block = Math.max(1, Math.floor(BLOCK / inner));
  return {
    job: Job.ArithmeticByRow,
    chunks: chunksOf(outer * middle, block),
    args: [outer * middle, block, operation, broadcast, middle, inner],
  };
}

/** `[outer, middle, inner]` of `shape` where `part` is `[outer, 1, inner]`. */
function stretchOf(part: number[], shape: number[]): [number, number, number] | undefined {
  const full = [...Array<number>(shape.length - part.length).fill(1), ...part];
  const differs = shape.map((size, axis) => size !== full[axis]);
  const [first, last] = [differs.indexOf(true), differs.lastIndexOf(true)];
  if (full.slice(first, last + 1).some((size) => size !== 1)) return undefined;
  const product = (from: number, to: number) => util.sizeFromShape(shape.slice(from, to));
  return [product(0, first), product(first, last + 1), product(last + 1, shape.length)];
}

/** tfjs's `Add`, `Sub`, `Multiply` or `RealDiv` of floats: of equal shapes, with a single value, or broadcast along neighbouring axes. */
export const arithmetic =
  (operation: Operation): SimdKernel =>
  ({ backend, inputs }) => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    if (!allFloat(a, b) || util.sizeFromShape(a.shape) * util.sizeFromShape(b.shape) === 0) return undefined;
    const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const how = plan(a.shape, b.shape, shape, operation);
    if (!how) return undefined;
    const pointers = [backend.pointer(a), backend.pointer(b)];
    const y = backend.makeOutputTensor(shape);
    backend.runtime.run(how.job, names[operation] ?? '', how.chunks, [...pointers, backend.pointer(y), ...how.args]);
    return y;
  };
