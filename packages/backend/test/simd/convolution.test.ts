import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { allPasses, type Shape } from '../convolution-passes';
import { check, expectSame, on, start, tensor } from './on-both';

beforeAll(() => start());

const channels = fc.tuple(fc.integer({ min: 1, max: 19 }), fc.integer({ min: 1, max: 21 }));

describe('convolution', () => {
  it('3×3 with stride 1 by Winograd: any size, padding and channels, all three passes', () =>
    check(
      fc.record({
        n: fc.integer({ min: 1, max: 3 }),
        size: fc.tuple(fc.integer({ min: 3, max: 14 }), fc.integer({ min: 3, max: 14 })),
        channels,
        kernel: fc.constant(3),
        stride: fc.constant(1),
        pad: fc.constantFrom<Shape['pad']>(0, 1, 2, 'same', 'valid'),
      }),
      (shape) => expectSame(() => allPasses(shape)),
      40,
    ));

  it('every other kernel, stride and padding by implicit GEMM, all three passes', () =>
    check(
      fc.record({
        n: fc.integer({ min: 1, max: 3 }),
        size: fc.tuple(fc.integer({ min: 7, max: 13 }), fc.integer({ min: 7, max: 13 })),
        channels,
        kernel: fc.constantFrom(1, 2, 3, 5, 7),
        stride: fc.constantFrom(1, 2, 3),
        pad: fc.constantFrom<Shape['pad']>(0, 1, 'same', 'valid'),
      }),
      (shape) => expectSame(() => allPasses(shape)),
      40,
    ));

  it.each<[string, Shape]>([
    [
      'whole tiles, the channels of CIFAR nets',
      { n: 2, size: [8, 8], channels: [16, 32], kernel: 3, stride: 1, pad: 1 },
    ],
    ['the first layer of ImageNet nets', { n: 1, size: [23, 23], channels: [3, 16], kernel: 7, stride: 2, pad: 3 }],
    ['a projection', { n: 2, size: [8, 8], channels: [16, 32], kernel: 1, stride: 2, pad: 0 }],
    ['one pixel', { n: 1, size: [1, 1], channels: [5, 3], kernel: 3, stride: 1, pad: 1 }],
  ])('%s', (_, shape) => expectSame(() => allPasses(shape)));

  it('dilation', () =>
    expectSame(() => [
      tf.conv2d(tensor<tf.Rank.R4>([2, 9, 10, 5], 1), tensor<tf.Rank.R4>([3, 3, 5, 6], 2), 1, 2, 'NHWC', 2),
    ]));

  it('blocks of several images, and the last of them not full', () =>
    expectSame(() => allPasses({ n: 37, size: [4, 4], channels: [4, 8], kernel: 3, stride: 1, pad: 1 })));

  it.each([3, 5])('a fused bias and relu, kernel %i', (kernel) =>
    expectSame(() => {
      const [x, filter] = [tensor<tf.Rank.R4>([2, 9, 8, 6], 1), tensor<tf.Rank.R4>([kernel, kernel, 6, 7], 2)];
      const bias = tensor<tf.Rank.R1>([7], 3);
      const common = { x, filter, strides: 1, pad: 'same' as const };
      return [
        tf.fused.conv2d({ ...common, bias, activation: 'relu' }),
        tf.fused.conv2d({ ...common, bias }),
        tf.fused.conv2d({ ...common, activation: 'relu' }),
        // Left to the inherited kernel.
        tf.fused.conv2d({ ...common, bias, activation: 'sigmoid' }),
      ];
    }),
  );

  it('channels first, and several groups, by the inherited kernels', () =>
    expectSame(() => [
      tf.conv2d(tensor<tf.Rank.R4>([1, 3, 8, 8], 1), tensor<tf.Rank.R4>([3, 3, 3, 4], 2), 1, 'valid', 'NCHW'),
    ]));

  it('is exact on whole numbers small enough, stride 2', async () => {
    const [result] = await on('simd', () => [
      tf.conv2d(tf.ones([1, 5, 5, 1]) as tf.Tensor4D, tf.ones([3, 3, 1, 1]) as tf.Tensor4D, 2, 1),
    ]);
    expect([...result!]).toEqual([4, 6, 4, 6, 9, 6, 4, 6, 4]);
  });
});

describe('matrix product', () => {
  it('any sizes, transposed or not, by batches', () =>
    check(
      fc.record({
        batch: fc.integer({ min: 1, max: 3 }),
        sizes: fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: 1, max: 40 }))),
        transposeA: fc.boolean(),
        transposeB: fc.boolean(),
      }),
      ({ batch, sizes: [m = 1, k = 1, n = 1], transposeA, transposeB }) =>
        expectSame(() => {
          const a = tensor(transposeA ? [batch, k, m] : [batch, m, k], 1);
          const b = tensor(transposeB ? [batch, n, k] : [batch, k, n], 2);
          return [tf.matMul(a, b, transposeA, transposeB)];
        }),
      30,
    ));

  it('its gradients, and a fused bias and relu', () =>
    expectSame(() => {
      const [a, b, bias] = [
        tensor<tf.Rank.R2>([33, 20], 1),
        tensor<tf.Rank.R2>([20, 10], 2),
        tensor<tf.Rank.R1>([10], 3),
      ];
      const layer = (x: tf.Tensor, w: tf.Tensor) => tf.fused.matMul({ a: x, b: w, bias, activation: 'relu' });
      return [layer(a, b), ...tf.grads((x, w) => tf.sum(tf.square(tf.matMul(x, w))))([a, b])];
    }));
});
