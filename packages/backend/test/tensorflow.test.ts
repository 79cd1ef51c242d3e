import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstWorking } from '../src/candidate';
import { allowExplicitPadding } from '../src/explicit-padding';
import { tensorflow } from '../src/tensorflow';
import { registerStandIn, removeStandIn } from './stand-ins/tfjs-node';

const missing = async (name: string): Promise<never> => {
  throw new Error(`Cannot find package '${name}' imported from here`);
};

/** Imports the stand-in instead of `installed`; every other package is missing. */
const importing = (installed: string, gpu: boolean) => async (name: string) => {
  if (name !== installed) return missing(name);
  registerStandIn({ gpu });
  return {};
};

beforeEach(async () => {
  await tf.setBackend('cpu');
});
afterEach(removeStandIn);

describe('tensorflow, on a stand-in for tfjs-node', () => {
  it('runs on the GPU that tfjs-node-gpu uses', async () => {
    const backend = await firstWorking([tensorflow('gpu', importing('@tensorflow/tfjs-node-gpu', true))]);
    expect(backend).toMatchObject({
      name: 'tensorflow',
      device: 'gpu',
      why: 'tensorflow on a GPU: @tensorflow/tfjs-node-gpu works.',
    });
    expect(tf.getBackend()).toBe('tensorflow');
  });

  it('refuses a CPU where a GPU is wanted, and takes it second', async () => {
    const load = importing('@tensorflow/tfjs-node', false);
    const backend = await firstWorking([tensorflow('gpu', load), tensorflow('cpu', load)]);
    expect(backend).toMatchObject({ name: 'tensorflow', device: 'cpu' });
    expect(backend.why).toBe(
      'tensorflow on a GPU: @tensorflow/tfjs-node sees no GPU. tensorflow on the CPU: the registered tensorflow backend works.',
    );
  });

  it('says what to install where neither package is there, and restores the backend of before', async () => {
    await expect(firstWorking([tensorflow('cpu', missing)])).rejects.toThrow(
      'tensorflow on the CPU: not installed (npm install @tensorflow/tfjs-node).',
    );
    expect(tf.getBackend()).toBe('cpu');
  });

  it('tells a broken package from a missing one', async () => {
    const broken = async (name: string) =>
      name.endsWith('gpu')
        ? missing(name)
        : Promise.reject(new Error('The Node.js native addon module (tfjs_binding.node) can not be found\nat …'));
    await expect(firstWorking([tensorflow('cpu', broken)])).rejects.toThrow(
      '@tensorflow/tfjs-node failed to load: The Node.js native addon module (tfjs_binding.node) can not be found.',
    );
  });

  it('brings back util.isNullOrUndefined, which Node 23 removed, before the package loads', async () => {
    const util = process.getBuiltinModule('node:util') as { isNullOrUndefined?: (x: unknown) => boolean };
    const original = util.isNullOrUndefined;
    delete util.isNullOrUndefined;
    let seen: unknown[] = [];
    await firstWorking([
      tensorflow('cpu', async () => {
        seen = [null, undefined, 0, ''].map((x) => util.isNullOrUndefined!(x));
        registerStandIn();
      }),
    ]);
    if (original) util.isNullOrUndefined = original;
    expect(seen).toEqual([true, true, false, false]);
  });

  it('restores the backend of before when the numbers are wrong', async () => {
    const load = async () => {
      registerStandIn();
      tf.unregisterKernel('Conv2DBackpropFilter', 'tensorflow');
      tf.registerKernel({
        kernelName: 'Conv2DBackpropFilter',
        backendName: 'tensorflow',
        kernelFunc: ({ attrs }) => tf.zeros(attrs!.filterShape as number[]),
      });
    };
    await expect(firstWorking([tensorflow('cpu', load)])).rejects.toThrow(
      'its filter gradient at stride 1 must be -19 at 0, got 0',
    );
    expect(tf.getBackend()).toBe('cpu');
  });
});

const shapes = fc.record({
  side: fc.integer({ min: 3, max: 7 }),
  filter: fc.constantFrom(1, 2, 3),
  stride: fc.constantFrom(1, 2, 3),
  pad: fc.constantFrom<number | tf.backend_util.ExplicitPadding>(0, 1, 2, [
    [0, 0],
    [0, 1],
    [2, 1],
    [0, 0],
  ]),
});

describe('allowExplicitPadding, on a stand-in for tfjs-node', () => {
  /** The op's value and gradients on the stand-in must be those of the cpu backend, with no tensor left over. */
  const agrees = async (op: () => tf.Tensor[]) => {
    const values = async (backend: string) => {
      await tf.setBackend(backend);
      const before = tf.memory().numTensors;
      const results = tf.tidy(op);
      const data = results.map((result) => Array.from(result.dataSync()));
      tf.dispose(results);
      expect(tf.memory().numTensors).toBe(before);
      return data;
    };
    const expected = await values('cpu');
    expect(await values('tensorflow')).toEqual(expected);
  };

  const image = (side: number) => tf.randomUniform<tf.Rank.R4>([2, side, side + 1, 2], -1, 1, 'float32', 5);

  beforeEach(() => {
    registerStandIn();
    allowExplicitPadding('tensorflow');
  });

  it('refuses numeric paddings without it', async () => {
    await removeStandIn();
    registerStandIn();
    await tf.setBackend('tensorflow');
    expect(() => tf.conv2d(tf.ones<tf.Rank.R4>([1, 4, 4, 1]), tf.ones<tf.Rank.R4>([3, 3, 1, 1]), 1, 1)).toThrow(
      /valid/,
    );
  });

  it('convolves, forward and both gradients', () =>
    fc.assert(
      fc.asyncProperty(shapes, ({ side, filter, stride, pad }) =>
        agrees(() => {
          const w = tf.randomUniform<tf.Rank.R4>([filter, filter, 2, 3], -1, 1, 'float32', 7);
          const convolve = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad);
          const { value, grads } = tf.valueAndGrads(convolve)(
            [image(side), w],
            tf.randomUniform(convolve(image(side), w).shape, -1, 1, 'float32', 9),
          );
          return [value, ...grads];
        }),
      ),
      { numRuns: 40 },
    ));

  it('convolves fused with bias and relu', () =>
    agrees(() => {
      const filter = tf.randomUniform<tf.Rank.R4>([3, 3, 2, 3], -1, 1, 'float32', 7);
      return [
        tf.fused.conv2d({
          x: image(5),
          filter,
          strides: 2,
          pad: 1,
          bias: tf.tensor1d([0.1, -0.2, 0.3]),
          activation: 'relu',
        }),
      ];
    }));

  it('pools the maximum, forward and gradient', () =>
    fc.assert(
      fc.asyncProperty(shapes, ({ side, stride, pad }) =>
        agrees(() => {
          const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 3, stride, pad, 'floor');
          const { value, grad } = tf.valueAndGrad(pool)(
            image(side),
            tf.randomUniform(pool(image(side)).shape, -1, 1, 'float32', 9),
          );
          return [value, grad];
        }),
      ),
      { numRuns: 40 },
    ));

  it('changes nothing the second time', () => {
    const kernel = tf.getKernel('Conv2D', 'tensorflow');
    allowExplicitPadding('tensorflow');
    expect(tf.getKernel('Conv2D', 'tensorflow')).toBe(kernel);
  });
});
