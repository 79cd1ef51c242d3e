import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { expect } from 'vitest';
import { vulkanDriver } from '../../../../tools/swiftshader';
import { registerWebGpu } from '../../src/webgpu';

/** Whether there is a driver that WebGPU can run on here. Elsewhere these tests are left out. */
export const hasDriver = vulkanDriver !== undefined;

let started: Promise<unknown> | undefined;

/** Starts the webgpu backend on a software adapter. */
export async function start(): Promise<void> {
  started ??= register();
  await started;
}

/** Returns Dawn's object, which must stay reachable: its promises settle only then. */
async function register(): Promise<unknown> {
  process.env.VK_ICD_FILENAMES ??= vulkanDriver;
  const { create, globals } = await import('webgpu');
  // SwiftShader takes seconds to compile zeroed workgroup memory.
  const gpu = create(['enable-dawn-features=disable_workgroup_init']);
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { ...globalThis.navigator, gpu }, configurable: true });
  const tfjs = (await import('@tensorflow/tfjs-backend-webgpu')) as unknown as Parameters<
    typeof registerWebGpu
  >[0]['tfjs'];
  const adapter = await gpu.requestAdapter();
  await registerWebGpu({ adapter: adapter!, tfjs });
  return gpu;
}

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

/** Runs `f` on a backend and gives the values of what it returns. */
export async function on(backend: string, f: () => tf.Tensor[]): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const results = tf.tidy(f);
  const read = await Promise.all(results.map((result) => result.data<'float32'>()));
  tf.dispose(results);
  return read;
}

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

/** Expects that `f` gives the same on `webgpu` as on `cpu`, to 1e-4 of the largest value. */
export async function expectSame(f: () => tf.Tensor[]): Promise<void> {
  const expected = await on('cpu', f);
  const actual = await on('webgpu', f);
  expect(actual.length).toBe(expected.length);
  for (const [i, result] of actual.entries())
    expect(difference(result, expected[i]!), `result ${i}`).toBeLessThan(1e-4);
}
