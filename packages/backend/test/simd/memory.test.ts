import { registerSimd, SimdMemoryError, simdInfo } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { tensor } from './on-both';

const limit = 64 * 2 ** 20;

beforeAll(async () => {
  await registerSimd({ threads: 2, maxBytes: limit });
  await tf.setBackend('simd');
});

describe('the pool', () => {
  it('and the number of tensors are flat over 1,000 steps', () => {
    const weights = tf.tidy(() => [
      tf.variable(tensor<tf.Rank.R4>([3, 3, 2, 4], 1)),
      tf.variable(tensor<tf.Rank.R2>([4, 3], 2)),
    ]);
    const step = (): void => {
      tf.tidy(() => {
        const x = tensor<tf.Rank.R4>([2, 4, 4, 2], 3);
        const { grads } = tf.variableGrads(() => {
          const features = tf.mean(tf.relu(tf.conv2d(x, weights[0] as tf.Tensor4D, 1, 1)), [1, 2]);
          return tf.mean(tf.square(tf.matMul(features as tf.Tensor2D, weights[1] as tf.Tensor2D)));
        }, weights);
        for (const weight of weights) weight.assign(tf.sub(weight, tf.mul(grads[weight.name]!, 1e-4)));
      });
    };
    step();
    const after = { ...simdInfo(), tensors: tf.memory().numTensors };
    for (let i = 0; i < 1000; i++) step();
    expect({ ...simdInfo(), tensors: tf.memory().numTensors }).toEqual(after);
    tf.dispose(weights);
  });

  it('gives everything back', () => {
    const compute = (): void =>
      tf.tidy(() => {
        const x = tensor<tf.Rank.R4>([2, 8, 8, 8], 1);
        const w = tensor<tf.Rank.R4>([3, 3, 8, 8], 2);
        const y = tf.relu(tf.batchNorm(tf.conv2d(x, w, 1, 1), tf.zeros([8]), tf.ones([8])));
        // One that is read, one that never is.
        y.dataSync();
        tf.conv2d(y as tf.Tensor4D, w, 1, 1);
      });
    compute(); // the threads' scratch grows to what its kernels need, and stays
    const before = simdInfo().usedBytes;
    compute();
    expect(simdInfo().usedBytes).toBe(before);
  });

  it('says which tensor does not fit and what to do, and goes on', () => {
    expect(() => tf.tidy(() => tf.relu(tf.zeros([4096, 4096])).dataSync())).toThrow(SimdMemoryError);
    expect(() => tf.tidy(() => tf.relu(tf.zeros([4096, 4096])).dataSync())).toThrow(
      /a tensor \[4096, 4096\] needs 64\.0 MiB, but .* of 64\.0 MiB are in use\. Reduce the batch size/,
    );
    expect([...tf.relu(tf.tensor1d([-1, 2])).dataSync()]).toEqual([0, 2]);
  });

  it('joins freed pieces when a larger one is needed', () => {
    tf.tidy(() => void Array.from({ length: 8 }, () => tf.relu(tf.ones([2 ** 19]))));
    expect(simdInfo().poolBytes).toBeGreaterThan(limit / 2);
    const size = 6 * 2 ** 20;
    expect(tf.tidy(() => tf.sum(tf.relu(tf.ones([size]))).dataSync()[0])).toBe(size);
    expect(simdInfo().poolBytes).toBeLessThanOrEqual(limit);
  });
});

describe('values', () => {
  it('are copies: what is read stays, and what is written to it reaches no tensor', () => {
    const x = tf.relu(tf.tensor1d([1, 2, 3]));
    const read = x.dataSync();
    read[0] = 100;
    expect([...x.dataSync()]).toEqual([1, 2, 3]);
    x.dispose();
    tf.tidy(() => tf.relu(tf.tensor1d([7, 8, 9])).dataSync());
    expect([...read]).toEqual([100, 2, 3]);
    expect(read.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it('outlive what they were cut from', () => {
    const x = tf.relu(tf.range(0, 1000));
    const part = tf.slice(x, 10, 5);
    x.dispose();
    const other = tf.relu(tf.fill([1000], 7));
    expect([...part.dataSync()]).toEqual([10, 11, 12, 13, 14]);
    tf.dispose([part, other]);
  });

  it('of a given array are not touched', () => {
    const given = Float32Array.from([-1, 1]);
    tf.tidy(() => tf.relu(tf.tensor1d(given)).dataSync());
    expect([...given]).toEqual([-1, 1]);
  });

  it('of every kind are at home: complex, strings, whole numbers, truth', async () => {
    const wave = tf.spectral.rfft(tf.relu(tf.tensor1d([1, 0, 0, 0])));
    expect([...(await tf.real(wave).data())]).toEqual([1, 1, 1]);
    expect(await tf.tensor(['a', 'b']).data()).toEqual(['a', 'b']);
    expect([...(await tf.argMax(tf.relu(tf.tensor2d([[1, 3, 2]])), 1).data())]).toEqual([1]);
    expect([...(await tf.greater(tf.relu(tf.tensor1d([-1, 1])), 0).data())]).toEqual([0, 1]);
  });

  it('follow a variable that is assigned', () => {
    const variable = tf.variable(tf.relu(tf.tensor1d([1, 2])));
    variable.assign(tf.relu(tf.tensor1d([3, 4])));
    expect([...tf.mul(variable, 2).dataSync()]).toEqual([6, 8]);
    variable.dispose();
  });

  it('move between backends', async () => {
    const x = tf.relu(tf.tensor1d([-1, 5]));
    await tf.setBackend('cpu');
    expect([...tf.add(x, 1).dataSync()]).toEqual([1, 6]);
    await tf.setBackend('simd');
    expect([...tf.relu(x).dataSync()]).toEqual([0, 5]);
  });
});
