import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
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

describe('softmax cross-entropy', () => {
  const losses = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor =>
    tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits, -1)), -1));

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
            const attributes = { count: sizes.length, rate, momentum, nesterov, decay };
            return run('ResNetMomentumUpdate', Object.fromEntries(named), attributes);
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
