import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';

/** Values in [-1, 1), the same for the same seed. */
export function values(size: number, seed: number): Float32Array {
  let state = seed * 2654435761 + 12345;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** A tensor of such values. */
export const tensor = <R extends tf.Rank>(shape: number[], seed: number): tf.Tensor<R> =>
  tf.tensor(values(tf.util.sizeFromShape(shape), seed), shape as tf.ShapeMap[R]);

/** Largest difference over largest expected value. */
export function difference(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  return (
    actual.reduce((most, value, i) => {
      const apart = Math.abs(value - expected[i]!);
      return apart <= most ? most : Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
    }, 0) / largest
  );
}
