import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { check, expectSame, on, start, tensor } from './on-both';

// Whatever TensorFlow.js allows, not only what networks do: results as the cpu backend's, and its errors.

beforeAll(() => start());

const upTo = (max: number) => fc.integer({ min: 1, max });
const shape = (max: number, minLength: number, maxLength: number) => fc.array(upTo(max), { minLength, maxLength });

/** y = f(xs), and its gradients at some dy. */
function withGradients(f: (...xs: tf.Tensor[]) => tf.Tensor, xs: tf.Tensor[]): tf.Tensor[] {
  const y = f(...xs);
  return [y, ...tf.grads(f)(xs, tensor(y.shape, 9))];
}

/** A shape that broadcasts to another: some of its sizes 1, some of its first axes missing. */
const broadcast = (to: readonly number[], ones: readonly boolean[], missing: number): number[] =>
  to.map((size, axis) => (ones[axis] ? 1 : size)).slice(Math.min(missing, to.length));

describe('two tensors, element by element', () => {
  const flags = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
  const places = fc.record({ whole: shape(6, 0, 5), a: flags, b: flags, missing: fc.nat(5), swapped: fc.boolean() });

  it.each([
    ['add', tf.add],
    ['sub', tf.sub],
    ['mul', tf.mul],
    ['div', tf.div],
  ] as const)('%s: both broadcast, of any ranks', (_, operation) =>
    check(
      places,
      ({ whole, a, b, missing, swapped }) =>
        expectSame(() => {
          // Away from zero, by which one does not divide.
          const [left, right] = [broadcast(whole, a, 0), broadcast(whole, b, missing)];
          const [p, q] = (swapped ? [right, left] : [left, right]) as [number[], number[]];
          return withGradients((x, y) => operation(x!, y!), [tensor(p, 1), tf.add(tensor(q, 2), 2.5)]);
        }),
      60,
    ),
  );

  // Of one size, but not of one rank: wrote behind the end of the result once.
  it.each([
    [
      [1, 6, 1],
      [6, 1],
    ],
    [
      [1, 4, 4, 3],
      [4, 4, 3],
    ],
    [[1, 1], []],
  ])('%j and %j', (a, b) =>
    expectSame(() => [
      ...withGradients((x, y) => tf.sub(x!, y!), [tensor(a, 1), tensor(b, 2)]),
      tf.sub(tensor(b, 2), tensor(a, 1)),
    ]),
  );
});

describe('matrix products', () => {
  const sizes = fc.tuple(upTo(20), upTo(20), upTo(20));

  it('of any batch, transposed or not', () =>
    check(
      fc.record({
        batch: shape(3, 0, 2),
        sizes,
        transposeA: fc.boolean(),
        transposeB: fc.boolean(),
        single: fc.boolean(),
      }),
      ({ batch, sizes: [m, k, n], transposeA, transposeB, single }) =>
        expectSame(() => {
          const a = tensor([...batch, ...(transposeA ? [k, m] : [m, k])], 1);
          const b = tensor([...(single ? batch.map(() => 1) : batch), ...(transposeB ? [n, k] : [k, n])], 2);
          const product = (p: tf.Tensor, q: tf.Tensor) => tf.matMul(p, q, transposeA, transposeB);
          // tfjs has no gradient for a batch that is broadcast.
          return single ? [product(a, b)] : withGradients((p, q) => product(p!, q!), [a, b]);
        }),
      60,
    ));

  it('with any bias and activation', () =>
    check(
      fc.record({
        sizes,
        bias: fc.constantFrom('none', 'column', 'row of columns', 'every value', 'one'),
        activation: fc.constantFrom<'linear' | 'relu' | 'elu' | 'sigmoid'>('linear', 'relu', 'elu', 'sigmoid'),
      }),
      ({ sizes: [m, k, n], bias, activation }) =>
        expectSame(() => {
          const shapes = { none: undefined, column: [n], 'row of columns': [1, n], 'every value': [m, n], one: [1] };
          const added = shapes[bias as keyof typeof shapes];
          const [a, b] = [tensor<tf.Rank.R2>([m, k], 1), tensor<tf.Rank.R2>([k, n], 2)];
          return [tf.fused.matMul({ a, b, bias: added && tensor(added, 3), activation })];
        }),
      40,
    ));

  it.each([
    [[2, 3], [4, 5], false],
    [[2, 3], [5, 4], true],
    [[2, 2, 3], [2, 4, 5], false],
  ])('of %j and %j fail as they do on the cpu', async (a, b, transposed) => {
    const product = () => [tf.matMul(tensor(a, 1), tensor(b, 2), false, transposed)];
    await expect(on('cpu', product)).rejects.toThrow('must match');
    await expect(on('simd', product)).rejects.toThrow('must match');
  });
});

describe('convolutions', () => {
  const spatial = fc.tuple(upTo(13), upTo(13));

  it('of any kernel, stride, dilation and padding, images none to three', () =>
    check(
      fc.record({
        n: fc.integer({ min: 0, max: 3 }),
        image: spatial,
        channels: fc.tuple(upTo(11), upTo(11)),
        kernel: fc.tuple(upTo(5), upTo(5)),
        stride: fc.tuple(upTo(3), upTo(3)),
        dilation: fc.constantFrom(1, 1, 2, 3),
        pad: fc.constantFrom<number | 'same' | 'valid'>(0, 1, 2, 'same', 'valid'),
      }),
      async ({ n, image, channels: [c, k], kernel, stride, dilation, pad }) => {
        // tfjs: only one of the two may be above 1, and a padding in numbers wants one stride.
        const step = dilation > 1 ? 1 : typeof pad === 'number' ? stride[0] : stride;
        type Four = [number, number, number, number];
        const shapes: [Four, Four] = [
          [n, ...image, c],
          [...kernel, c, k],
        ];
        const { outShape } = tf.backend_util.computeConv2DInfo(...shapes, step, dilation, pad);
        fc.pre(outShape.every((size) => size >= 0));
        const convolve = (x: tf.Tensor, w: tf.Tensor) =>
          tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, step, pad, 'NHWC', dilation);
        await expectSame(() => {
          const [x, w] = [tensor(shapes[0], 1), tensor(shapes[1], 2)];
          // tfjs has no gradient of a dilated convolution.
          return dilation > 1 ? [convolve(x, w)] : withGradients((a, b) => convolve(a!, b!), [x, w]);
        });
      },
      80,
    ));

  it('with bias and activation, of one image without a batch', () =>
    check(
      fc.record({
        image: spatial,
        channels: fc.tuple(upTo(9), upTo(9)),
        kernel: fc.constantFrom(1, 3),
        activation: fc.constantFrom<'linear' | 'relu' | 'elu'>('linear', 'relu', 'elu'),
      }),
      ({ image, channels: [c, k], kernel, activation }) =>
        expectSame(() => {
          const x = tensor<tf.Rank.R3>([...image, c], 1);
          const filter = tensor<tf.Rank.R4>([kernel, kernel, c, k], 2);
          const bias = tensor([k], 3);
          return [tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation })];
        }),
      40,
    ));

  it('whose filter does not fit fail, and leave the memory as it was', async () => {
    const before = await on('simd', () => [tf.relu(tensor([5], 1))]);
    const tooLarge = () => [
      tf.conv2d(tensor<tf.Rank.R4>([1, 1, 4, 2], 1), tensor<tf.Rank.R4>([3, 3, 2, 2], 2), 1, 'valid'),
    ];
    await expect(on('simd', tooLarge)).rejects.toThrow('positive integers');
    expect(tf.memory().numBytes).toBeGreaterThanOrEqual(0);
    expect(await on('simd', () => [tf.relu(tensor([5], 1))])).toEqual(before);
  });

  it('transposed', () =>
    check(
      fc.record({ n: upTo(2), image: spatial, channels: fc.tuple(upTo(6), upTo(6)), stride: upTo(3) }),
      ({ n, image: [h, w], channels: [c, k], stride }) =>
        expectSame(() => [
          tf.conv2dTranspose(
            tensor<tf.Rank.R4>([n, h, w, c], 1),
            tensor<tf.Rank.R4>([3, 3, k, c], 2),
            [n, h * stride, w * stride, k],
            stride,
            'same',
          ),
        ]),
      20,
    ));
});

describe('pooling', () => {
  // PyTorch wants a padding of at most half the window, so that no window is padding alone; there tfjs's kernels differ among themselves.
  it('of any window, stride and padding, images none to three', () =>
    check(
      fc.record({
        x: fc.tuple(
          fc.integer({ min: 0, max: 3 }),
          fc.integer({ min: 4, max: 10 }),
          fc.integer({ min: 4, max: 10 }),
          upTo(9),
        ),
        window: fc.tuple(upTo(4), upTo(4)),
        stride: fc.tuple(upTo(3), upTo(3)),
        pad: fc.constantFrom<number | 'same' | 'valid'>(0, 1, 'same', 'valid'),
      }),
      async ({ x, window, stride, pad }) => {
        fc.pre(pad !== 1 || Math.min(...window) > 1);
        const step = typeof pad === 'number' ? stride[0] : stride;
        for (const pool of [tf.maxPool, tf.avgPool]) {
          await expectSame(() => withGradients((a) => pool(a as tf.Tensor4D, window, step, pad), [tensor([...x], 1)]));
        }
      },
      60,
    ));

  it('gives the gradient of a window of -∞ to its first pixel', async () => {
    const x = tf.fill([1, 4, 4, 1], Number.NEGATIVE_INFINITY) as tf.Tensor4D;
    const pool = (a: tf.Tensor) => tf.maxPool(a as tf.Tensor4D, 2, 2, 'valid');
    const [y, dx] = await on('simd', () => [pool(x), tf.grad(pool)(x, tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]))]);
    expect([...y!]).toEqual(Array(4).fill(Number.NEGATIVE_INFINITY));
    expect([...dx!]).toEqual([1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0]);
  });

  it('does not give the gradient of padding to anybody', async () => {
    const x = tf.ones([1, 2, 2, 1]) as tf.Tensor4D;
    const pool = (a: tf.Tensor) => tf.maxPool(a as tf.Tensor4D, 1, 1, 1);
    const [dx] = await on('simd', () => [tf.grad(pool)(x, tf.ones([1, 4, 4, 1]))]);
    expect([...dx!]).toEqual([1, 1, 1, 1]);
  });
});

describe('sums and means', () => {
  it('over any axes, from either end, of any rank', () =>
    check(
      fc.record({
        size: shape(6, 0, 5),
        chosen: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        keep: fc.boolean(),
        back: fc.boolean(),
      }),
      ({ size, chosen, keep, back }) =>
        expectSame(() => {
          const axes = size.map((_, axis) => (back ? axis - size.length : axis)).filter((_, axis) => chosen[axis]);
          return [tf.sum, tf.mean].flatMap((reduce) => withGradients((x) => reduce(x!, axes, keep), [tensor(size, 1)]));
        }),
      60,
    ));
});

describe('batch normalization', () => {
  it('with statistics for every channel or for every value', () =>
    check(
      fc.record({ size: shape(6, 2, 4), every: fc.boolean() }),
      ({ size, every }) =>
        expectSame(() => {
          const of = every ? size : size.slice(-1);
          const parts = [2, 3, 4, 5].map((seed) => tensor(of, seed)) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
          return withGradients(
            (x, mean, variance, offset, scale) =>
              tf.batchNorm(x!, mean!, tf.add(tf.abs(variance!), 0.1), offset, scale, 1e-3),
            [tensor(size, 1), ...parts],
          );
        }),
      40,
    ));
});
