import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { difference, on, start, tensor, values } from './on-both';

// What docs/backends.md says of values that are not finite, or nearly not.
beforeAll(() => start());

/** Zeros but for one NaN in channel 3 of pixel (y, x). */
function withNaN(y: number, x: number): tf.Tensor4D {
  const all = values(16 * 16 * 16, 1);
  all[(y * 16 + x) * 16 + 3] = Number.NaN;
  return tf.tensor4d(all, [1, 16, 16, 16]);
}

const convolved = (x: () => tf.Tensor4D) => () => [tf.conv2d(x(), tensor<tf.Rank.R4>([3, 3, 16, 16], 2), 1, 'same')];

/** Rows of `[1, 16, 16, 16]` where a value is NaN. */
const rowsOf = (result: Float32Array): number[] => [
  ...new Set([...result.keys()].filter((i) => Number.isNaN(result[i])).map((i) => Math.floor(i / 256))),
];

describe('a NaN at row y of a 3×3 convolution', () => {
  it.each([
    [0, [0, 1], [0, 1, 2, 3]],
    [4, [3, 4, 5], [3, 4, 5, 6, 7]],
    [5, [4, 5, 6], [4, 5, 6, 7]],
    [7, [6, 7, 8], [4, 5, 6, 7, 8]],
    [15, [14, 15], [12, 13, 14, 15]],
  ])('%i reaches the receptive field, and the rest of its 4×4 tiles', async (y, field, tiles) => {
    const [exact] = await on(
      'cpu',
      convolved(() => withNaN(y, y)),
    );
    const [got] = await on(
      'simd',
      convolved(() => withNaN(y, y)),
    );
    expect([rowsOf(exact!), rowsOf(got!)]).toEqual([field, tiles]);
  });
});

it('a 3×3 convolution is exact up to 1e36, and overflows a tenth of what a direct one does', async () => {
  const scaled = (scale: number) => convolved(() => tf.mul(tensor<tf.Rank.R4>([1, 16, 16, 16], 1), scale));
  const [one] = await on('cpu', scaled(1));
  const [large] = await on('simd', scaled(1e36));
  expect(
    difference(
      large!.map((value) => value / 1e36),
      one!,
    ),
  ).toBeLessThan(1e-4);
  const [exact] = await on('cpu', scaled(1e37));
  const [beyond] = await on('simd', scaled(1e37));
  expect([exact!.every(Number.isFinite), beyond!.every(Number.isFinite)]).toEqual([true, false]);
});

it('batch normalization in training does not depend on the scale up to 1e18, and gives the offset from 1e19 on', async () => {
  const normalized = (scale: number) => () => [
    [
      tf.engine().runKernel(
        'ResNetBatchNorm',
        {
          x: tf.mul(tensor<tf.Rank.R4>([4, 8, 8, 16], 1), scale),
          scale: tf.ones([16]),
          offset: tf.fill([16], 0.5),
        },
        { epsilon: 1e-30 },
      ),
    ].flat(2)[0] as tf.Tensor,
  ];
  const [one] = await on('simd', normalized(1));
  const [large] = await on('simd', normalized(1e18));
  expect(difference(large!, one!)).toBeLessThan(1e-4);
  const [beyond] = await on('simd', normalized(1e19));
  expect(beyond!.every((value) => value === 0.5)).toBe(true);
});
