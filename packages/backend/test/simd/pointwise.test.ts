import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { check, expectSame, on, start, tensor } from './on-both';

beforeAll(() => start());

const run = (name: string, inputs: tf.NamedTensorMap, attributes = {}): tf.Tensor[] =>
  [tf.engine().runKernel(name, inputs, attributes)].flat() as tf.Tensor[];

const shapes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

describe('element by element', () => {
  it('relu, add, multiply, scale, sums of several', () =>
    check(
      shapes,
      (shape) =>
        expectSame(() => {
          const [a, b, c] = [1, 2, 3].map((seed) => tensor(shape, seed)) as [tf.Tensor, tf.Tensor, tf.Tensor];
          return [
            tf.relu(a),
            tf.add(a, b),
            tf.mul(a, b),
            tf.mul(a, 3),
            tf.mul(tf.scalar(2), b),
            tf.addN([a, b, c]),
            tf.add(a, 1),
            tf.minimum(a, b),
            tf.minimum(0.1, b),
            tf.square(a),
            tf.sqrt(tf.abs(a)),
          ];
        }),
      30,
    ));

  it('and the gradients of relu and of a sum of several', () =>
    check(
      shapes,
      (shape) =>
        expectSame(() => {
          const all = [1, 2, 3].map((seed) => tensor(shape, seed));
          return tf.grads((...of: tf.Tensor[]) => tf.relu(tf.addN(of)))(all, tensor(shape, 4));
        }),
      20,
    ));

  it('long tensors, in several chunks', () =>
    expectSame(() => [tf.relu(tensor([100_003], 1)), tf.add(tensor([100_003], 1), tensor([100_003], 2))]));

  it('the gradient of relu is taken from its output', async () => {
    const [result] = await on('simd', () =>
      run('ResNetReluGrad', { dy: tf.tensor1d([1, 2, 3, 4, 5]), y: tf.tensor1d([0, 1, 0, 2, 0.5]) }),
    );
    expect([...result!]).toEqual([0, 2, 0, 4, 5]);
  });

  it('whole numbers and truth values go to the inherited kernels', () =>
    expectSame(() => {
      const a = tf.tensor1d([1, -2, 3], 'int32');
      return [tf.add(a, a), tf.mul(a, a), tf.relu(a), tf.sum(a), tf.cast(tf.greater(a, 0), 'float32')];
    }));
});

describe('pooling', () => {
  it('largest and mean, and their gradients', () =>
    check(
      fc.record({
        n: fc.integer({ min: 1, max: 3 }),
        size: fc.tuple(fc.integer({ min: 3, max: 10 }), fc.integer({ min: 3, max: 10 })),
        c: fc.integer({ min: 1, max: 9 }),
        window: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 3 }),
        pad: fc.constantFrom<'same' | 'valid'>('same', 'valid'),
      }),
      ({ n, size, c, window, stride, pad }) =>
        expectSame(() => {
          const x = tensor<tf.Rank.R4>([n, ...size, c], 1);
          return [tf.maxPool, tf.avgPool].flatMap((pool) => {
            const y = pool(x, window, stride, pad);
            return [y, tf.grad((a) => pool(a as tf.Tensor4D, window, stride, pad))(x, tensor(y.shape, 2))];
          });
        }),
      25,
    ));

  it('symmetric padding, as ResNets have it, and its gradient', () =>
    expectSame(() => {
      const x = tensor<tf.Rank.R4>([2, 7, 7, 5], 1);
      const pool = (a: tf.Tensor) => tf.maxPool(a as tf.Tensor4D, 3, 2, 1);
      return [pool(x), tf.grad(pool)(x, tensor([2, 4, 4, 5], 2))];
    }));
});

describe('sums', () => {
  it('over any axes, kept or not, and their gradients', () =>
    check(
      fc.tuple(
        fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 4, maxLength: 4 }),
        fc.subarray([0, 1, 2, 3]),
        fc.boolean(),
      ),
      ([shape, axes, keep]) =>
        expectSame(() => {
          const x = tensor(shape, 1);
          const axis = axes.length > 0 ? axes : undefined;
          return [tf.sum, tf.mean].flatMap((reduce) => {
            const y = reduce(x, axis, keep);
            return [y, tf.grad((a) => reduce(a, axis, keep))(x, tensor(y.shape, 2))];
          });
        }),
      40,
    ));

  it('global average pooling and its gradient', () =>
    expectSame(() => {
      const pool = (x: tf.Tensor) => tf.mean(x, [1, 2]);
      return [pool(tensor([5, 8, 8, 64], 1)), tf.grad(pool)(tensor([5, 8, 8, 64], 1), tensor([5, 64], 2))];
    }));
});
