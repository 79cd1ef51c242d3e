import { BackendError, UnknownBackendError, useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { beforeEach, describe, expect, it } from 'vitest';

/** No optional package is installed. */
const load = async (name: string): Promise<never> => {
  throw new Error(`Cannot find package '${name}' imported from here`);
};

beforeEach(async () => {
  await tf.setBackend('cpu');
});

describe('useBackend', () => {
  it('takes simd where neither tensorflow nor webgpu is installed, and says so in order', async () => {
    const backend = await useBackend('auto', { load, threads: 1 });
    expect(backend).toMatchObject({ name: 'simd', device: 'cpu', threads: 1 });
    expect(backend.why).toMatch(
      /^tensorflow on a GPU: not installed \(npm install @tensorflow\/tfjs-node-gpu\)\. webgpu: not installed \(npm install webgpu\)\. simd: .* on 1 thread\.$/,
    );
    expect(tf.getBackend()).toBe('simd');
  });

  it('uses auto by default', async () => {
    expect((await useBackend(undefined, { load })).name).toBe('simd');
  });

  it('changes the threads of a running simd backend', async () => {
    expect(await useBackend('simd', { threads: 2 })).toMatchObject({ threads: 2 });
    expect(await useBackend('simd', { threads: 1 })).toMatchObject({ threads: 1 });
  });

  it('takes cpu', async () => {
    expect(await useBackend('cpu')).toMatchObject({ name: 'cpu', device: 'cpu', threads: 1, simd: null });
  });

  it('takes what somebody else registered', async () => {
    tf.copyRegisteredKernels('cpu', 'mine');
    tf.registerBackend('mine', () => new MathBackendCPU());
    expect(await useBackend('mine')).toMatchObject({ name: 'mine', why: 'mine: was registered already.' });
  });

  it('leaves the backend of before when what was asked for does not work', async () => {
    await expect(useBackend('tensorflow', { load })).rejects.toThrow(BackendError);
    expect(tf.getBackend()).toBe('cpu');
  });

  it.each([
    ['smid', "Did you mean 'simd'?"],
    ['quantum-computer', 'Import its package first'],
  ])('refuses %s and offers the next move', async (name, next) => {
    const error = await useBackend(name).catch((reason) => reason);
    expect(error).toBeInstanceOf(UnknownBackendError);
    expect(error.message).toContain(`one of auto, tensorflow, webgpu, simd, cpu, got '${name}'`);
    expect(error.message).toContain(next);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %s threads', async (threads) => {
    await expect(useBackend('auto', { threads })).rejects.toThrow(`from 1 up, got ${threads}`);
  });

  it('leaves no tensor behind', async () => {
    await useBackend('simd');
    const before = tf.memory().numTensors;
    await useBackend('simd');
    expect(tf.memory().numTensors).toBe(before);
  });
});
