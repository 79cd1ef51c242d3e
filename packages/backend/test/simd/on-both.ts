import type { Worker } from 'node:worker_threads';
import { registerSimd, type SimdLevel } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { expect } from 'vitest';
import { difference } from '../values';
import { expectNoOverruns, guardMemory } from './guard';

export { difference, tensor, values } from '../values';

/** Every worker that this process starts, so that tests can end them. */
export const workers: Worker[] = [];

const threads = process.getBuiltinModule('node:worker_threads');
threads.Worker = class extends threads.Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    workers.push(this);
  }
};

let level: SimdLevel | undefined;

/** The level that `start` takes from now on; the best here without. */
export const testLevel = (chosen: SimdLevel): void => {
  level = chosen;
};

/** Registers the backend under test, its memory guarded. */
export async function start(threads = 2): Promise<void> {
  await registerSimd(level ? { threads, level } : { threads });
  guardMemory();
}

/** Runs `f` on a backend and gives the values of what it returns. */
export async function on(backend: string, f: () => tf.Tensor[]): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  return tf.tidy(() => f().map((result) => result.dataSync<'float32'>()));
}

/** Expects that `f` gives the same on `simd` as on `cpu`, to 1e-4 of the largest value. */
export async function expectSame(f: () => tf.Tensor[]): Promise<void> {
  const expected = await on('cpu', f);
  const actual = await on('simd', f);
  expectNoOverruns();
  expect(actual.length).toBe(expected.length);
  for (const [i, result] of actual.entries()) expect(difference(result, expected[i]!)).toBeLessThan(1e-4);
}

/** Checks a property on `runs` random shapes. Found counterexamples are shrunk and printed. */
export const check = <T>(shapes: fc.Arbitrary<T>, property: (shape: T) => Promise<void>, runs: number): Promise<void> =>
  fc.assert(fc.asyncProperty(shapes, property), { numRuns: runs });
