import { registerSimd } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';

beforeAll(() => registerSimd({ threads: 1 }));

const values = (shape: number[], seed: number) => tf.randomUniform(shape, -1, 1, 'float32', seed);

const on = async (backend: string, op: () => tf.Tensor) => {
  await tf.setBackend(backend);
  return tf.tidy(() => Array.from(op().dataSync()));
};

it.each([
  [
    [2, 3, 4, 5],
    [2, 1, 1, 5],
  ],
  [[2, 3, 4, 5], [5]],
  [
    [2, 3, 4, 5],
    [1, 1, 1, 5],
  ],
  [
    [2, 3, 4, 5],
    [2, 1, 1, 1],
  ],
  [
    [2, 3, 4, 5],
    [2, 3, 1, 5],
  ],
  [
    [2, 3, 4, 5],
    [2, 1, 4, 1],
  ],
  [
    [2, 3],
    [4, 1, 3],
  ],
  [
    [3, 1],
    [1, 4],
  ],
  [
    [4, 1, 2],
    [1, 1, 2],
  ],
])('multiplies %o by %o as the cpu backend does, in either order', async (a, b) => {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const op = () => tf.mul(values(one, 1), values(other, 2));
    expect(await on('simd', op)).toEqual(await on('cpu', op));
  }
});

it.each([1, 64, -0.125, 3])('divides by %d', async (divisor) => {
  const op = () => tf.div(values([3, 5], 1), divisor);
  const expected = await on('cpu', op);
  const got = await on('simd', op);
  got.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1e-7);
  });
});
