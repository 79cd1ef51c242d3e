import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { check, difference, expectSame, on, start, tensor, values } from './on-both';

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
          ];
        }),
      30,
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

  it('symmetric padding, as ResNets have it', () =>
    expectSame(() => [tf.maxPool(tensor<tf.Rank.R4>([2, 7, 7, 5], 1), 3, 2, 1)]));
});

describe('sums', () => {
  it('over any axes, kept or not', () =>
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
          return [tf.sum(x, axis, keep), tf.mean(x, axis, keep)];
        }),
      40,
    ));

  it('global average pooling and its gradient', () =>
    expectSame(() => {
      const pool = (x: tf.Tensor) => tf.mean(x, [1, 2]);
      return [pool(tensor([5, 8, 8, 64], 1)), tf.grad(pool)(tensor([5, 8, 8, 64], 1), tensor([5, 64], 2))];
    }));
});

describe('option A', () => {
  it.each([
    [1, 0, 4],
    [2, 0, 3],
    [2, 2, 2],
    [3, 1, 0],
  ])('stride %i, %i channels before and %i after, and its gradient', async (stride, before, after) => {
    const x = values(2 * 5 * 7 * 3, 1);
    const [y] = await on('simd', () =>
      run('ResNetPadShortcut', { x: tf.tensor(x, [2, 5, 7, 3]) }, { stride, before, after }),
    );
    const [expected, gradient] = await on('cpu', () => {
      const subsampled = tf.stridedSlice(
        tf.tensor(x, [2, 5, 7, 3]),
        [0, 0, 0, 0],
        [2, 5, 7, 3],
        [1, stride, stride, 1],
      ) as tf.Tensor4D;
      const padded = tf.pad4d(subsampled, [
        [0, 0],
        [0, 0],
        [0, 0],
        [before, after],
      ]);
      return [padded, tf.slice(padded, [0, 0, 0, before], [-1, -1, -1, 3])];
    });
    expect([...y!]).toEqual([...expected!]);
    // The way back brings every kept pixel home, and leaves zeros elsewhere.
    const shape = [2, Math.ceil(5 / stride), Math.ceil(7 / stride), before + 3 + after];
    const [dx] = await on('simd', () =>
      run('ResNetPadShortcutGrad', { dy: tf.tensor(y!, shape) }, { inputShape: [2, 5, 7, 3], stride, before }),
    );
    expect(dx!.filter((value) => value !== 0)).toEqual(gradient!);
    expect(dx!.every((value, i) => value === 0 || value === x[i])).toBe(true);
  });
});

describe('softmax cross-entropy', () => {
  it('agrees with its definition, also for soft labels and large scores', async () => {
    const logits = values(50 * 7, 1).map((value, i) => value * (i % 2 ? 4 : 300));
    const labels = values(50 * 7, 2).map(Math.abs);
    const [losses, gradient] = await on('simd', () =>
      run('ResNetSoftmaxCrossEntropy', { logits: tf.tensor(logits, [50, 7]), labels: tf.tensor(labels, [50, 7]) }),
    );
    const expected = { losses: new Float32Array(50), gradient: new Float32Array(350) };
    for (let row = 0; row < 50; row++) {
      const [z, p] = [logits, labels].map((all) => [...all.slice(row * 7, row * 7 + 7)]) as [number[], number[]];
      const top = Math.max(...z);
      const logSum = top + Math.log(z.reduce((sum, value) => sum + Math.exp(value - top), 0));
      const mass = p.reduce((a, b) => a + b);
      expected.losses[row] = z.reduce((sum, value, i) => sum - p[i]! * (value - logSum), 0);
      z.forEach((value, i) => {
        expected.gradient[row * 7 + i] = Math.exp(value - logSum) * mass - p[i]!;
      });
    }
    expect(difference(losses!, expected.losses)).toBeLessThan(1e-6);
    expect(difference(gradient!, expected.gradient)).toBeLessThan(1e-6);
  });
});

describe('momentum update', () => {
  it.each([false, true])("follows PyTorch's rule, nesterov %s", async (nesterov) => {
    const [rate, momentum, decay] = [0.1, 0.9, [0.01, 0]];
    const sizes = [37, 5];
    const of = (seed: number) => sizes.map((size, i) => values(size, seed + i));
    const [w, g, v] = [of(1), of(11), of(21)];
    const named = (name: string, all: Float32Array[]) => all.map((value, i) => [`${name}${i}`, tf.tensor1d(value)]);
    const actual = await on('simd', () => {
      const inputs = Object.fromEntries([...named('w', w), ...named('g', g), ...named('v', v)]);
      return run('ResNetMomentumUpdate', inputs, { count: 2, rate, momentum, nesterov, decay });
    });
    sizes.forEach((_, i) => {
      const direction = g[i]!.map((value, j) => value + decay[i]! * w[i]![j]!);
      const velocity = direction.map((value, j) => value + momentum * v[i]![j]!);
      const step = nesterov ? direction.map((value, j) => value + momentum * velocity[j]!) : velocity;
      expect(
        difference(
          actual[2 * i]!,
          w[i]!.map((value, j) => value - rate * step[j]!),
        ),
      ).toBeLessThan(1e-6);
      expect(difference(actual[2 * i + 1]!, velocity)).toBeLessThan(1e-6);
    });
  });
});
