import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { JobArguments } from '../../../contract/encode';
import { Operation, Single } from '../../../contract/modes';
import { allFloat, chunksOf, type SimdKernel } from '../kernel';
import type { Runtime } from '../runtime';

/** Values a chunk takes. */
const BLOCK = 32_768;

/** Which operand repeats, and `[outer, middle, inner]` where it lacks the middle of the three. */
interface Plan {
  single: Single;
  stretch?: Stretch;
}

type Stretch = readonly [outer: number, middle: number, inner: number];

/** `undefined` where the shapes broadcast in more than one stretch of axes. */
function plan(a: number[], b: number[], shape: number[]): Plan | undefined {
  const size = util.sizeFromShape(shape);
  const [sizeA, sizeB] = [util.sizeFromShape(a), util.sizeFromShape(b)];
  // Of full size, both are `shape` but for ones in front: [1, 6, 1] and [6, 1], say.
  if ((sizeA === size && sizeB === size) || sizeA === 1 || sizeB === 1) {
    return { single: sizeA === sizeB ? Single.None : sizeA === 1 ? Single.First : Single.Second };
  }
  const single = sizeA < sizeB ? Single.First : Single.Second;
  const stretch = stretchOf(single === Single.First ? a : b, shape);
  return stretch && Math.max(sizeA, sizeB) === size ? { single, stretch } : undefined;
}

/** `[outer, middle, inner]` of `shape` where `part` is `[outer, 1, inner]`. */
function stretchOf(part: number[], shape: number[]): Stretch | undefined {
  const full = [...Array<number>(shape.length - part.length).fill(1), ...part];
  const differs = shape.map((size, axis) => size !== full[axis]);
  const [first, last] = [differs.indexOf(true), differs.lastIndexOf(true)];
  if (full.slice(first, last + 1).some((size) => size !== 1)) return undefined;
  const product = (from: number, to: number) => util.sizeFromShape(shape.slice(from, to));
  return [product(0, first), product(first, last + 1), product(last + 1, shape.length)];
}

type Operands = Pick<JobArguments<'Arithmetic'>, 'a' | 'b' | 'y' | 'operation' | 'single'>;

/** Runs `Arithmetic` over `size` values. */
export const flat = (runtime: Runtime, label: string, operands: Operands, size: number): void =>
  runtime.run('Arithmetic', { ...operands, size, block: BLOCK }, { label, chunks: chunksOf(size, BLOCK) });

function byRow(runtime: Runtime, label: string, operands: Operands, [outer, middle, inner]: Stretch): void {
  const rows = outer * middle;
  const block = Math.max(1, Math.floor(BLOCK / inner));
  runtime.run('ArithmeticByRow', { ...operands, rows, block, middle, inner }, { label, chunks: chunksOf(rows, block) });
}

/** tfjs's `Add`, `Sub`, `Multiply` or `RealDiv` of floats: of equal shapes, with a single value, or broadcast along neighbouring axes. */
export const arithmetic =
  (operation: Operation): SimdKernel =>
  ({ backend, inputs }) => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    if (!allFloat(a, b) || util.sizeFromShape(a.shape) * util.sizeFromShape(b.shape) === 0) return undefined;
    const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const how = plan(a.shape, b.shape, shape);
    if (!how) return undefined;
    const pointers = { a: backend.pointer(a), b: backend.pointer(b) };
    const y = backend.makeOutputTensor(shape);
    const args = { ...pointers, y: backend.pointer(y), operation, single: how.single };
    const label = Operation[operation].toLowerCase();
    if (how.stretch) byRow(backend.runtime, label, args, how.stretch);
    else flat(backend.runtime, label, args, util.sizeFromShape(shape));
    return y;
  };
