import * as tf from '@tensorflow/tfjs';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstWorking } from '../src/candidate';
import { type AdapterInfo, isSoftware, webgpu } from '../src/webgpu-candidate';

/**
 * STAND-INS for the `webgpu` package (a native library), which finds an adapter that describes itself as `info`, and for
 * @tensorflow/tfjs-backend-webgpu.
 */
const importing =
  (info: AdapterInfo | null, { tfjsBackend = true } = {}) =>
  async (name: string) => {
    if (name === 'webgpu') {
      const requestAdapter = async () => info && { info };
      return { create: () => ({ requestAdapter }), globals: { GPUStandIn: 1 } };
    }
    if (!tfjsBackend) throw new Error(`Cannot find package '${name}' imported from here`);
    expect(navigator).toHaveProperty('gpu');
    return {};
  };

/** STAND-IN for `registerWebGpu`: the cpu backend's kernels under the name `webgpu`. */
const register = async () => {
  tf.copyRegisteredKernels('cpu', 'webgpu');
  tf.registerBackend('webgpu', async () => new MathBackendCPU());
};

/** The candidate on stand-ins. */
const candidate = (software: boolean, load: Parameters<typeof webgpu>[1]) => webgpu(software, load, register);

const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

beforeEach(async () => {
  await tf.setBackend('cpu');
});

afterEach(async () => {
  await tf.setBackend('cpu');
  if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu');
  for (const { kernelName } of tf.getKernelsForBackend('webgpu')) tf.unregisterKernel(kernelName, 'webgpu');
  if (globalThis.navigator) Reflect.deleteProperty(globalThis.navigator, 'gpu');
  if (before) Object.defineProperty(globalThis, 'navigator', before);
  else Reflect.deleteProperty(globalThis, 'navigator');
  Reflect.deleteProperty(globalThis, 'GPUStandIn');
});

describe('webgpu in Node, on stand-ins', () => {
  it('runs on a hardware adapter', async () => {
    const backend = await firstWorking([candidate(false, importing({ vendor: 'nvidia', architecture: 'hopper' }))]);
    expect(backend).toMatchObject({ name: 'webgpu', device: 'gpu', why: 'webgpu: runs on nvidia hopper.' });
    expect(globalThis).toHaveProperty('GPUStandIn', 1);
  });

  it('refuses a software adapter', async () => {
    const load = importing({ vendor: 'google', architecture: 'swiftshader' });
    await expect(firstWorking([candidate(false, load)])).rejects.toThrow(
      'webgpu: its adapter, google swiftshader, is a software renderer',
    );
    expect(tf.getBackend()).toBe('cpu');
    expect(globalThis.navigator ?? {}).not.toHaveProperty('gpu');
  });

  it('takes a software adapter when asked', async () => {
    const load = importing({ description: 'llvmpipe (LLVM 15.0.6, 256 bits)' });
    expect(await firstWorking([candidate(true, load)])).toMatchObject({ name: 'webgpu', device: 'cpu' });
  });

  it('says when there is no adapter, and what is not installed', async () => {
    await expect(firstWorking([candidate(false, importing(null))])).rejects.toThrow('webgpu: no adapter');
    const halfInstalled = importing({ vendor: 'nvidia' }, { tfjsBackend: false });
    await expect(firstWorking([candidate(false, halfInstalled)])).rejects.toThrow(
      'not installed (npm install @tensorflow/tfjs-backend-webgpu)',
    );
  });
});

describe('isSoftware', () => {
  it.each<[AdapterInfo, boolean]>([
    [{ vendor: 'google', architecture: 'swiftshader' }, true],
    [{ vendor: 'mesa', description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }, true],
    [{ vendor: 'microsoft', description: 'Microsoft Basic Render Driver' }, true],
    [{ vendor: 'anyone', isFallbackAdapter: true }, true],
    [{ vendor: 'nvidia', architecture: 'ampere' }, false],
    [{ vendor: 'apple', architecture: 'common-3' }, false],
    [{}, false],
  ])('%o: %s', (info, expected) => expect(isSoftware(info)).toBe(expected));
});
