import {
  BlockError,
  Conv2D,
  conv,
  MaxPool,
  network,
  none,
  PadShortcut,
  padded,
  padShortcutOp,
  reluOp,
  residual,
} from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it } from 'vitest';

describe('Conv2D', () => {
  it('pads alike on all sides at stride 2, unlike `same`', () => {
    const layer = new Conv2D({ filters: 1, kernelSize: 3, stride: 2 });
    layer.build([null, 4, 4, 1]);
    layer.setWeights([tf.ones([3, 3, 1, 1])]);
    const image = tf.range(1, 17).reshape([1, 4, 4, 1]);
    // Windows start at −1: {1, 2, 5, 6}, {2, 3, 4, 6, 7, 8}, {5, 6, 9, 10, 13, 14}, {6…8, 10…12, 14…16}.
    expect([...(layer.apply(image) as tf.Tensor).dataSync()]).toEqual([14, 30, 57, 99]);
    expect(layer.computeOutputShape([null, 4, 4, 1])).toEqual([null, 2, 2, 1]);
  });

  it.each([
    [{ filters: 0, kernelSize: 3 }, 'filters must be a whole number of at least 1, got 0'],
    [{ filters: 4, kernelSize: 1.5 }, 'kernelSize must be a whole number of at least 1, got 1.5'],
    [{ filters: 4, kernelSize: 3, stride: -1 }, 'stride must be a whole number of at least 1, got -1'],
  ])('refuses %o', (args, message) => {
    expect(() => new Conv2D(args)).toThrow(BlockError);
    expect(() => new Conv2D(args)).toThrow(message);
  });

  it('needs to know its channels', () => {
    expect(() => new Conv2D({ filters: 1, kernelSize: 3 }).build([null, 4, 4, null])).toThrow(BlockError);
  });
});

describe('MaxPool', () => {
  it('pads alike on all sides, and padding never wins', () => {
    const layer = new MaxPool({ poolSize: 3, stride: 2, padding: 1 });
    const image = tf.range(-16, 0).reshape([1, 4, 4, 1]);
    expect([...(layer.apply(image) as tf.Tensor).dataSync()]).toEqual([-11, -9, -3, -1]);
  });
});

describe('padShortcutOp', () => {
  it('takes every second pixel and adds zero channels', () => {
    const image = tf.range(1, 16).reshape([1, 3, 5, 1]) as tf.Tensor4D;
    const y = padShortcutOp(image, { stride: 2, before: 1, after: 2 });
    expect(y.shape).toEqual([1, 2, 3, 4]);
    expect([...y.dataSync()]).toEqual([1, 3, 5, 11, 13, 15].flatMap((value) => [0, value, 0, 0]));
  });

  it.each([
    [1, [2, 3, 5, 2]],
    [2, [2, 4, 6, 2]],
    [2, [2, 3, 5, 2]],
    [3, [1, 7, 8, 3]],
  ] as const)('at stride %d sends the gradient of %o back to the pixels it came from', (stride, shape) => {
    const x = tf.randomNormal<tf.Rank.R4>([...shape], 0, 1, 'float32', 5);
    const weights = tf.randomNormal(padShortcutOp(x, { stride, before: 1, after: 2 }).shape, 0, 1, 'float32', 6);
    const dx = tf.grad((input: tf.Tensor) =>
      padShortcutOp(input as tf.Tensor4D, { stride, before: 1, after: 2 })
        .mul(weights)
        .sum(),
    )(x);
    // The op is linear: its value is the inner product of x and its gradient, for every x.
    const other = tf.randomNormal<tf.Rank.R4>([...shape], 0, 1, 'float32', 7);
    const value = padShortcutOp(other, { stride, before: 1, after: 2 }).mul(weights).sum().arraySync() as number;
    expect(other.mul(dx).sum().arraySync()).toBeCloseTo(value, 4);
    expect(dx.shape).toEqual([...shape]);
  });

  it('cannot take channels away', () => {
    const narrowing = residual(conv(2, 3), padded()(2, 1));
    expect(() => network({ inputShape: [4, 4, 8] }, narrowing)).toThrow(
      'padded: cannot take channels away, got 8 for 2',
    );
  });
});

describe('residual', () => {
  it('says what to do when branch and shortcut differ', () => {
    const make = () => network({ inputShape: [4, 4, 8] }, residual(conv(16, 3, 2)));
    expect(make).toThrow(BlockError);
    expect(make).toThrow('branch and shortcut must have one shape');
  });

  it('is only its branch without a shortcut', () => {
    const model = network({ inputShape: [4, 4, 8] }, residual(conv(16, 3, 2), none(16, 2)));
    expect(model.layers.map(({ name }) => name)).toEqual(['input', 'conv1', 'relu1']);
  });
});

describe('fused kernels', () => {
  const registered: string[] = [];
  const register = (kernelName: string, kernelFunc: (inputs: Record<string, tf.Tensor>) => number) => {
    registered.push(kernelName);
    tf.registerKernel({
      kernelName,
      backendName: 'cpu',
      kernelFunc: ({ inputs, backend }) => {
        const like = (inputs as Record<string, tf.Tensor>).dy!;
        const values = new Float32Array(like.size).fill(kernelFunc(inputs as Record<string, tf.Tensor>));
        const dataId = (backend as unknown as { write(v: Float32Array, s: number[], t: string): object }).write(
          values,
          like.shape,
          'float32',
        );
        return { dataId, shape: like.shape, dtype: 'float32' };
      },
    });
  };
  afterEach(() => {
    for (const name of registered.splice(0)) tf.unregisterKernel(name, 'cpu');
  });

  it('are used where the backend has them', async () => {
    await tf.setBackend('cpu');
    const gradient = () =>
      tf
        .grad((x) => tf.sum(reluOp(x)))(tf.tensor1d([-1, 2]))
        .arraySync();
    expect(gradient()).toEqual([0, 1]);
    register('ResNetReluGrad', () => 7);
    expect(gradient()).toEqual([7, 7]);
  });
});

it('PadShortcut keeps its sizes in its configuration', () => {
  const layer = new PadShortcut({ name: 'a', stride: 2, before: 3, after: 4 });
  expect(layer.getConfig()).toMatchObject({ name: 'a', stride: 2, before: 3, after: 4 });
});
