import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { kernelTable, profileKernels } from '../src/bench/profile-kernels';

beforeAll(async () => {
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
  await tf.setBackend('cpu');
});

let clock = 0;
const busy = (milliseconds: number) => {
  clock += milliseconds;
};

/** A kernel that takes 20 ms itself and calls one that takes 40. */
function registerOuterAndInner(): void {
  const result = () => tf.engine().backend.write(new Float32Array(1), [1], 'float32');
  const register = (kernelName: string, work: () => void) => {
    const kernelFunc = () => {
      work();
      return { dataId: result(), shape: [1], dtype: 'float32' as const };
    };
    tf.registerKernel({ kernelName, backendName: 'cpu', kernelFunc });
  };
  register('BenchInner', () => busy(40));
  register('BenchOuter', () => {
    busy(20);
    tf.dispose(tf.engine().runKernel('BenchInner', {}));
  });
}

describe('profileKernels', () => {
  it('counts calls and gives each kernel its own time only', () => {
    registerOuterAndInner();
    const stop = profileKernels();
    tf.dispose([tf.engine().runKernel('BenchOuter', {}), tf.engine().runKernel('BenchOuter', {})]);
    const times = stop();
    expect(times).toEqual([
      { kernel: 'BenchInner', calls: 2, milliseconds: 80 },
      { kernel: 'BenchOuter', calls: 2, milliseconds: 40 },
    ]);
  });

  it('puts the kernels back', () => {
    const before = tf.getKernel('Add', 'cpu');
    const stop = profileKernels();
    expect(tf.getKernel('Add', 'cpu')).not.toBe(before);
    stop();
    expect(tf.getKernel('Add', 'cpu')).toBe(before);
  });
});

describe('kernelTable', () => {
  it('ends with the time outside kernels, and its shares add up', () => {
    const times = [
      { kernel: 'Conv2D', calls: 3, milliseconds: 60 },
      { kernel: 'Add', calls: 10, milliseconds: 15 },
    ];
    expect(kernelTable(times, 100)).toEqual([
      'kernel              calls   total ms   share',
      'Conv2D                  3       60.0  60.0 %',
      'Add                    10       15.0  15.0 %',
      '(outside kernels)               25.0  25.0 %',
    ]);
  });
});
