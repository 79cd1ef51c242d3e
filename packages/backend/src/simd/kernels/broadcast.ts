import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import type { SimdBackend } from '../backend';
import { allFloat, type SimdKernel } from '../kernel';
import { float } from '../runtime';
import { pointwise } from './pointwise';

/** How a small tensor repeats in a large one: each of `groups` rows of `inner` values `repeats` times in turn. */
interface Repetition {
  readonly groups: number;
  readonly repeats: number;
  readonly inner: number;
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The way `small` repeats in `large` if its ones come in one run, as in `[n, 1, 1, c]` or `[c]`; else undefined. */
function repetition(large: readonly number[], small: readonly number[]): Repetition | undefined {
  const shape = [...Array<number>(Math.max(0, large.length - small.length)).fill(1), ...small];
  const differs = shape.map((size, i) => size !== large[i]);
  const [first, last] = [differs.indexOf(true), differs.lastIndexOf(true)];
  if (first < 0 || shape.length !== large.length) return undefined;
  if (shape.slice(first, last + 1).some((size) => size !== 1)) return undefined;
  return {
    groups: product(large.slice(0, first)),
    repeats: product(large.slice(first, last + 1)),
    inner: product(large.slice(last + 1)),
  };
}

/**
 * A product where one tensor repeats in the other, as in the gradient of global average pooling. TensorFlow.js's own
 * kernel works out every value's place anew.
 */
export function multiplyRepeated(backend: SimdBackend, a: TensorInfo, b: TensorInfo): TensorInfo | undefined {
  const [large, small] = util.sizeFromShape(a.shape) >= util.sizeFromShape(b.shape) ? [a, b] : [b, a];
  const how = repetition(large.shape, small.shape);
  if (!how) return undefined;
  const pointers = [backend.pointer(large), backend.pointer(small)];
  const result = backend.makeOutputTensor(large.shape);
  const view = (pointer: number, size: number) => new Float32Array(backend.runtime.memory.buffer, pointer, size);
  const size = util.sizeFromShape(large.shape);
  fill(view(backend.pointer(result), size), view(pointers[0]!, size), view(pointers[1]!, how.groups * how.inner), how);
  return result;
}

function fill(y: Float32Array, large: Float32Array, small: Float32Array, { groups, repeats, inner }: Repetition): void {
  let i = 0;
  for (let group = 0; group < groups; group++) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const start = group * inner;
      for (let j = start; j < start + inner; j++, i++) y[i] = large[i]! * small[j]!;
    }
  }
}

/** tfjs's `RealDiv` by a single number. */
export const realDiv: SimdKernel = ({ backend, inputs }) => {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  if (!allFloat(a, b) || util.sizeFromShape(b.shape) !== 1 || b.shape.length > a.shape.length) return undefined;
  const [divisor = 1] = backend.readSync(b.dataId) as Float32Array;
  return pointwise(backend, Job.Scale, 'divide', [a], a.shape, float(1 / divisor));
};
