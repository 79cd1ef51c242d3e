import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { expect } from 'vitest';
import { vulkanDriver } from '../../../../tools/swiftshader';
import { registerWebGpu } from '../../src/webgpu';
import { difference } from '../values';

export { tensor } from '../values';

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

/** Runs `f` on a backend and gives the values of what it returns. */
export async function on(backend: string, f: () => tf.Tensor[]): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const results = tf.tidy(f);
  const read = await Promise.all(results.map((result) => result.data<'float32'>()));
  tf.dispose(results);
  return read;
}

/** Expects that `f` gives the same on `webgpu` as on `cpu`, to 1e-4 of the largest value. */
export async function expectSame(f: () => tf.Tensor[]): Promise<void> {
  const expected = await on('cpu', f);
  const actual = await on('webgpu', f);
  expect(actual.length).toBe(expected.length);
  for (const [i, result] of actual.entries())
    expect(difference(result, expected[i]!), `result ${i}`).toBeLessThan(1e-4);
}
