import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { check, expectSame, start, tensor, values } from './on-both';

// Kernels that tfjs does not have: against what they are defined as, in stock ops on the cpu backend.

beforeAll(() => start());

const onSimd = (): boolean => tf.getBackend() === 'simd';
const run = (name: string, inputs: tf.NamedTensorMap, attributes = {}): tf.Tensor[] =>
  [tf.engine().runKernel(name, inputs, attributes)].flat() as tf.Tensor[];

const small = fc.integer({ min: 1, max: 9 });

describe('option A', () => {
  const composed = (x: tf.Tensor4D, stride: number, before: number, after: number): tf.Tensor4D =>
    tf.pad(tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, stride, stride, 1]) as tf.Tensor4D, [
      [0, 0],
      [0, 0],
      [0, 0],
      [before, after],
    ]);

  it('subsamples and adds channels, and its gradient brings every kept pixel home', () =>
    check(
      fc.record({
        shape: fc.tuple(fc.integer({ min: 1, max: 3 }), small, small, small),
        stride: fc.integer({ min: 1, max: 3 }),
        before: fc.integer({ min: 0, max: 5 }),
        after: fc.integer({ min: 0, max: 5 }),
      }),
      ({ shape, stride, before, after }) =>
        expectSame(() => {
          const x = tensor<tf.Rank.R4>(shape, 1);
          const [n, h, w, c] = shape;
          const dy = tensor<tf.Rank.R4>([n, Math.ceil(h / stride), Math.ceil(w / stride), before + c + after], 2);
          if (onSimd()) {
            return [
              ...run('ResNetPadShortcut', { x }, { stride, before, after }),
              ...run('ResNetPadShortcutGrad', { dy }, { inputShape: shape, stride, before }),
            ];
          }
          // The gradient of a linear map at dy is that of its product with dy. tfjs has none for a strided slice: a pixel at a time.
          const kept = tf.slice(dy, [0, 0, 0, before], [-1, -1, -1, c]).arraySync() as number[][][][];
          const home = tf.buffer(shape);
          for (const [i, image] of kept.entries())
            for (const [y, row] of image.entries())
              for (const [z, pixel] of row.entries())
                for (const [k, value] of pixel.entries()) home.set(value, i, y * stride, z * stride, k);
          return [composed(x, stride, before, after), home.toTensor()];
        }),
      40,
    ));
});

const losses = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor =>
  tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits, -1)), -1));

describe('softmax cross-entropy', () => {
  it('and its gradient, hard and soft labels, small and large scores', () =>
    check(
      fc.record({
        rows: fc.integer({ min: 1, max: 70 }),
        classes: fc.integer({ min: 2, max: 20 }),
        scale: fc.constantFrom(1, 30, 300),
        soft: fc.boolean(),
      }),
      ({ rows, classes, scale, soft }) =>
        expectSame(() => {
          const logits = tf.mul(tensor([rows, classes], 1), scale);
          const labels = soft
            ? tf.abs(tensor([rows, classes], 2))
            : tf
                .oneHot(
                  tf.tensor1d(
                    values(rows, 3).map((value) => Math.floor(((value + 1) / 2) * classes)),
                    'int32',
                  ),
                  classes,
                )
                .toFloat();
          const [loss, gradient] = onSimd()
            ? (run('ResNetSoftmaxCrossEntropy', { logits, labels }) as [tf.Tensor, tf.Tensor])
            : [losses(logits, labels), tf.grad((z) => losses(z, labels))(logits, tf.ones([rows]))];
          // A sum of exponentials begins with 1 and p − label cancels: near zero both are known to a rounding of 1.
          return [tf.add(loss, 1), tf.add(gradient, 1)];
        }),
      40,
    ));
});

describe('what a training step reads of its scores', () => {
  it('is the loss, the share of errors and the gradient of the mean loss', () =>
    check(
      fc.record({
        rows: fc.integer({ min: 1, max: 70 }),
        classes: fc.integer({ min: 2, max: 20 }),
        total: fc.constantFrom(1, 70, 128),
      }),
      ({ rows, classes, total }) =>
        expectSame(() => {
          const [logits, labels] = [tensor([rows, classes], 1), tf.abs(tensor([rows, classes], 2))];
          if (onSimd()) return run('ResNetCrossEntropy', { logits, labels }, { total });
          const mean = (z: tf.Tensor) => tf.div(tf.sum(losses(z, labels)), total);
          const wrong = tf.notEqual(tf.argMax(logits, 1), tf.argMax(labels, 1)).toFloat();
          const loss = mean(logits);
          return [loss, tf.stack([loss, tf.div(tf.sum(wrong), total)]), tf.grad(mean)(logits)];
        }),
      40,
    ));

  it('takes the first of equal scores, and none for right where one is not a number', async () => {
    await tf.setBackend('simd');
    const logits = tf.tensor2d([[1, 1, 0], [0, 2, 2], [Number.NaN, 5, 0]]); // biome-ignore format: rows
    const labels = tf.tensor2d([[1, 0, 0], [0, 0, 1], [0, 1, 0]]); // biome-ignore format: rows
    const [, measured] = run('ResNetCrossEntropy', { logits, labels }, { total: 3 });
    // By hand: right, wrong (the first 2 wins), wrong.
    expect(measured!.dataSync()[1]).toBeCloseTo(2 / 3, 6);
  });
});

describe('running statistics', () => {
  it('move towards those of the batch', () =>
    check(
      fc.record({ channels: fc.integer({ min: 1, max: 70 }) }),
      ({ channels }) =>
        expectSame(() => {
          const [mean, variance, runningMean, runningVariance] = [1, 2, 3, 4].map((seed) => tensor([channels], seed)) as [
          tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor,
        ]; // biome-ignore format: four of a kind
          const [keep, addMean, addVariance] = [0.9, 0.1, 0.125];
          if (onSimd()) {
            const inputs = { mean, variance, runningMean, runningVariance };
            return run('ResNetRunningStatistics', inputs, { keep, addMean, addVariance });
          }
          return [
            tf.add(tf.mul(runningMean, keep), tf.mul(mean, addMean)),
            tf.add(tf.mul(runningVariance, keep), tf.mul(variance, addVariance)),
          ];
        }),
      20,
    ));

  it('leave the ones before as they are', async () => {
    await tf.setBackend('simd');
    const running = tf.tensor1d([1, 2, 3]);
    const inputs = { mean: tf.ones([3]), variance: tf.ones([3]), runningMean: running, runningVariance: tf.ones([3]) };
    tf.dispose(run('ResNetRunningStatistics', inputs, { keep: 0.5, addMean: 0.5, addVariance: 0.5 }));
    expect([...running.dataSync()]).toEqual([1, 2, 3]);
  });
});

describe('momentum update', () => {
  it("follows PyTorch's rule for any number of parameters of any size", () =>
    check(
      fc.record({
        sizes: fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 6 }),
        rate: fc.constantFrom(0, 0.01, 0.1, 1),
        momentum: fc.constantFrom(0, 0.5, 0.9),
        nesterov: fc.boolean(),
        decays: fc.array(fc.constantFrom(0, 1e-4, 0.1), { minLength: 6, maxLength: 6 }),
      }),
      ({ sizes, rate, momentum, nesterov, decays }) =>
        expectSame(() => {
          const decay = decays.slice(0, sizes.length);
          const all = sizes.map((size, i) => [1, 2, 3].map((seed) => tensor([size], 3 * i + seed)));
          if (onSimd()) {
            const named = all.flatMap(([w, g, v], i) => [
              [`w${i}`, w],
              [`g${i}`, g],
              [`v${i}`, v],
            ]);
            const inputs = { ...Object.fromEntries(named), rate: tf.scalar(rate) };
            return run('ResNetMomentumUpdate', inputs, { count: sizes.length, momentum, nesterov, decay });
          }
          // torch.optim.SGD's documentation, line by line.
          return (all as [tf.Tensor, tf.Tensor, tf.Tensor][]).flatMap(([w, g, v], i) => {
            const direction = tf.add(g, tf.mul(w, decay[i]!));
            const velocity = tf.add(tf.mul(v, momentum), direction);
            const step = nesterov ? tf.add(direction, tf.mul(velocity, momentum)) : velocity;
            return [tf.sub(w, tf.mul(step, rate)), velocity];
          });
        }),
      40,
    ));
});
