import { adamw, type Optimizer, sgd } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { difference, recorded } from './pytorch';

const { shapes, rates, initial, gradients } = recorded;

/** Applies the recorded gradients; returns the weights after each step. `between` may replace the optimizer. */
function replay(optimizer: Optimizer, between: (optimizer: Optimizer) => Optimizer = (same) => same): number[][][] {
  const variables = tf.tidy(() => shapes.map((shape, i) => tf.variable(tf.tensor(initial[i]!, shape))));
  let current = optimizer;
  const steps = rates.map((rate, step) => {
    const tensors = shapes.map((shape, i) => tf.tensor(gradients[step]![i]!, shape));
    current.apply(variables, tensors, rate);
    tf.dispose(tensors);
    current = between(current);
    return variables.map((variable) => [...variable.dataSync()]);
  });
  current.dispose();
  tf.dispose(variables);
  return steps;
}

const expectSame = (actual: number[][][], expected: number[][][]) =>
  expect(difference(actual.flat(2), expected.flat(2))).toBeLessThan(1e-6);

const cases: [string, () => Optimizer, number[][][]][] = [
  ['sgd, plain', () => sgd({ momentum: 0, weightDecay: 0 }), recorded.sgd.plain],
  ['sgd, the paper’s defaults', () => sgd(), recorded.sgd.paper],
  ['sgd, strong decay', () => sgd({ weightDecay: 0.1 }), recorded.sgd['strong decay']],
  ['sgd, nesterov', () => sgd({ weightDecay: 0.1, nesterov: true }), recorded.sgd.nesterov],
  ['sgd, decay selected', () => sgd({ weightDecay: 0.1, decay: 'without-norm-and-bias' }), recorded.sgd['skips 1d']],
  ['adamw, defaults', () => adamw(), recorded.adamw.default],
  [
    'adamw, tuned',
    () => adamw({ beta1: 0.8, beta2: 0.95, epsilon: 1e-4, weightDecay: 0.3, decay: 'without-norm-and-bias' }),
    recorded.adamw.tuned,
  ],
];

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe.each(cases)('%s', (_, make, expected) => {
  it('updates as PyTorch does', () => expectSame(replay(make()), expected));

  it('starts from nothing after dispose', () => {
    const optimizer = make();
    replay(optimizer);
    expectSame(replay(optimizer), expected);
  });

  it('goes on from its state in another instance', () => {
    const copy = (old: Optimizer) => {
      const fresh = make();
      fresh.restore(old.state());
      old.dispose();
      return fresh;
    };
    expect(replay(make(), copy)).toEqual(replay(make()));
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    replay(make());
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('sgd where the backend has the fused kernel', () => {
  const kernelFunc = vi.fn<tf.KernelFunc>(fusedByHand);
  beforeAll(() => tf.registerKernel({ kernelName: 'ResNetMomentumUpdate', backendName: 'cpu', kernelFunc }));
  afterAll(() => tf.unregisterKernel('ResNetMomentumUpdate', 'cpu'));

  it.each(cases.filter(([name]) => name.startsWith('sgd')))('%s', (_, make, expected) => {
    kernelFunc.mockClear();
    const before = tf.memory().numTensors;
    expectSame(replay(make()), expected);
    expect(tf.memory().numTensors).toBe(before);
    expect(kernelFunc).toHaveBeenCalledTimes(rates.length);
  });
});

/** The kernel in plain loops, as its contract states it. */
function fusedByHand({ inputs, attrs, backend }: Parameters<tf.KernelFunc>[0]): tf.TensorInfo[] {
  const { count, momentum, nesterov, decay } = attrs as unknown as FusedAttributes;
  const read = (name: string) => (backend as tf.KernelBackend).readSync(inputs[name]!.dataId) as Float32Array;
  const rate = read('rate')[0]!;
  return Array.from({ length: count }, (_, i) => {
    const [w, g, v] = [read(`w${i}`).slice(), read(`g${i}`), read(`v${i}`).slice()];
    for (let j = 0; j < w.length; j += 1) {
      const gradient = g[j]! + decay[i]! * w[j]!;
      v[j] = momentum * v[j]! + gradient;
      w[j]! -= rate * (nesterov ? gradient + momentum * v[j]! : v[j]!);
    }
    return [tf.tensor(w, inputs[`w${i}`]!.shape), tf.tensor(v, inputs[`v${i}`]!.shape)];
  }).flat();
}

interface FusedAttributes {
  count: number;
  momentum: number;
  nesterov: boolean;
  decay: number[];
}

describe('settings', () => {
  it.each([
    [{ momentum: 1 }, /sgd: momentum must be at least 0 and below 1, got 1\./],
    [{ weightDecay: -1 }, /sgd: weightDecay must be 0 or more, got -1\./],
    [{ nesterov: true, momentum: 0 }, /sgd: nesterov needs a momentum/],
  ])('%j is refused', (options, message) => expect(() => sgd(options)).toThrow(message));
});

describe('rate groups', () => {
  // Each variable is updated by itself: in a group of scale 10 it moves as all do at ten times the rate.
  const tenfold = rates.map((rate) => 10 * rate);
  const replayAt = (optimizer: Optimizer, each: readonly number[]) => {
    const variables = tf.tidy(() => shapes.map((shape, i) => tf.variable(tf.tensor(initial[i]!, shape))));
    each.forEach((rate, step) => {
      const tensors = shapes.map((shape, i) => tf.tensor(gradients[step]![i]!, shape));
      optimizer.apply(variables, tensors, rate);
      tf.dispose(tensors);
    });
    const values = variables.map((variable) => [...variable.dataSync()]);
    optimizer.dispose();
    tf.dispose(variables);
    return values;
  };
  const isVector = (variable: tf.Variable) => variable.rank === 1;
  const groups = { rateGroups: [{ includes: isVector, scale: 10 }] };

  it.each<[string, (options: object) => Optimizer]>([
    ['sgd', (options) => sgd({ nesterov: true, weightDecay: 0.1, ...options })],
    ['adamw', (options) => adamw({ weightDecay: 0.3, ...options })],
  ])('%s moves a group at a multiple of the rate, and the others at the rate', (_, make) => {
    const [slow, fast, mixed] = [replayAt(make({}), rates), replayAt(make({}), tenfold), replayAt(make(groups), rates)];
    const vectors = shapes.map((shape) => shape.length === 1);
    expect(vectors).toContain(true);
    expect(vectors).toContain(false);
    expect(
      difference(
        mixed.flat(),
        vectors.flatMap((fastOne, i) => (fastOne ? fast[i]! : slow[i]!)),
      ),
    ).toBeLessThan(1e-6);
  });

  it('refuses a scale that is no number from 0', () => {
    expect(() => sgd({ rateGroups: [{ includes: isVector, scale: -1 }] })).toThrow(/must be a number from 0, got -1/);
  });
});
