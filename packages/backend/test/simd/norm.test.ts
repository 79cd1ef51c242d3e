import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { check, difference, expectSame, on, start, tensor, values } from './on-both';

beforeAll(() => start());

const epsilon = 1e-5;
const run = (name: string, inputs: tf.NamedTensorMap, attributes = {}): tf.Tensor[] =>
  [tf.engine().runKernel(name, inputs, attributes)].flat() as tf.Tensor[];

/** The definition (Ioffe and Szegedy 2015), in double precision: `[y, mean, variance, dx, dScale, dOffset]`. */
function definition(x: Float32Array, scale: Float32Array, offset: Float32Array, dy: Float32Array): Float32Array[] {
  const c = scale.length;
  const rows = x.length / c;
  const [mean, variance, dScale, dOffset] = [0, 0, 0, 0].map(() => new Float64Array(c)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  x.forEach((value, i) => {
    mean[i % c]! += value / rows;
  });
  x.forEach((value, i) => {
    variance[i % c]! += (value - mean[i % c]!) ** 2 / rows;
  });
  const normal = Float64Array.from(x, (value, i) => (value - mean[i % c]!) / Math.sqrt(variance[i % c]! + epsilon));
  dy.forEach((value, i) => {
    dOffset[i % c]! += value;
    dScale[i % c]! += value * normal[i]!;
  });
  const y = x.map((_, i) => normal[i]! * scale[i % c]! + offset[i % c]!);
  const dx = x.map((_, i) => {
    const k = i % c;
    return (
      (scale[k]! / Math.sqrt(variance[k]! + epsilon)) * (dy[i]! - dOffset[k]! / rows - (normal[i]! * dScale[k]!) / rows)
    );
  });
  return [
    y,
    Float32Array.from(mean),
    Float32Array.from(variance),
    dx,
    Float32Array.from(dScale),
    Float32Array.from(dOffset),
  ];
}

async function normAndGradient(shape: number[], shift: number): Promise<void> {
  const c = shape.at(-1)!;
  const size = shape.reduce((a, b) => a * b);
  const x = values(size, 1).map((value) => value + shift);
  const [scale, offset, dy] = [values(c, 2), values(c, 3), values(size, 4)];
  const actual = await on('simd', () => {
    const [tx, ts, to, tdy] = [tf.tensor(x, shape), tf.tensor(scale), tf.tensor(offset), tf.tensor(dy, shape)];
    const forward = run('ResNetBatchNorm', { x: tx, scale: ts, offset: to }, { epsilon });
    const [, mean, variance] = forward as [tf.Tensor, tf.Tensor, tf.Tensor];
    return [...forward, ...run('ResNetBatchNormGrad', { dy: tdy, x: tx, scale: ts, mean, variance }, { epsilon })];
  });
  const expected = definition(x, scale, offset, dy);
  for (const [i, result] of actual.entries()) {
    expect(difference(result, expected[i]!), `output ${i}`).toBeLessThan(1e-4);
  }
}

describe('batch normalization', () => {
  it('agrees with its definition, forward and gradient, any rank and channels', () =>
    check(
      fc.tuple(fc.integer({ min: 8, max: 700 }), fc.integer({ min: 1, max: 70 })),
      ([rows, channels]) => normAndGradient([rows, channels], 0),
      40,
    ));

  it('spans several blocks of rows', () => normAndGradient([5, 17, 19, 20], 0));

  it('keeps its accuracy where the mean is large', async () => {
    const shape = [3000, 16];
    const x = values(48_000, 1).map((value) => value + 100);
    const [, , variance] = definition(x, new Float32Array(16).fill(1), new Float32Array(16), x);
    const [actual] = await on('simd', () => {
      const inputs = { x: tf.tensor(x, shape), scale: tf.ones([16]), offset: tf.zeros([16]) };
      return [run('ResNetBatchNorm', inputs, { epsilon })[2]!];
    });
    expect(difference(actual!, variance!)).toBeLessThan(1e-5);
  });

  it('takes given statistics in inference, with and without scale and offset', () =>
    expectSame(() => {
      const x = tensor<tf.Rank.R4>([2, 5, 7, 6], 1);
      const [mean, variance] = [tensor<tf.Rank.R1>([6], 2), tf.abs(tensor<tf.Rank.R1>([6], 3))];
      const [offset, scale] = [tensor<tf.Rank.R1>([6], 4), tensor<tf.Rank.R1>([6], 5)];
      return [
        tf.batchNorm(x, mean, variance, offset, scale, epsilon),
        tf.batchNorm(x, mean, variance),
        // Statistics by element are left to the inherited kernel.
        tf.batchNorm(x, tensor<tf.Rank.R4>([2, 5, 7, 6], 6), tf.abs(tensor<tf.Rank.R4>([2, 5, 7, 6], 7))),
      ];
    }));
});

/** A residual block of ops, with the fused kernels' gradients composed of stock ops where a backend lacks them. */
function block(x: tf.Tensor4D, weights: tf.Tensor4D[], scales: tf.Tensor1D[], stride: number): tf.Tensor4D {
  const [w1, w2] = weights as [tf.Tensor4D, tf.Tensor4D];
  const [s1, s2] = scales as [tf.Tensor1D, tf.Tensor1D];
  const branch = norm(tf.conv2d(relu(norm(tf.conv2d(x, w1, stride, 1), s1)) as tf.Tensor4D, w2, 1, 1), s2);
  const shortcut = stride === 1 ? x : (tf.avgPool(x, 1, stride, 'valid') as tf.Tensor4D);
  return relu(tf.add(branch, shortcut)) as tf.Tensor4D;
}

const fused = (): boolean => tf.getKernel('ResNetBatchNorm', tf.getBackend()) != null;

function norm(x: tf.Tensor4D, scale: tf.Tensor1D): tf.Tensor4D {
  if (!fused()) {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon))), scale);
  }
  return tf.customGrad((...args) => {
    const [input, factor, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const offset = tf.zeros(factor.shape);
    const [y, mean, variance] = run('ResNetBatchNorm', { x: input, scale: factor, offset }, { epsilon }) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    save([input, factor, mean, variance]);
    const gradFunc = (dy: tf.Tensor, [kept, kscale, kmean, kvariance]: tf.Tensor[]) =>
      run(
        'ResNetBatchNormGrad',
        { dy, x: kept!, scale: kscale!, mean: kmean!, variance: kvariance! },
        { epsilon },
      ).slice(0, 2);
    return { value: y, gradFunc };
  })(x, scale) as tf.Tensor4D;
}

function relu(x: tf.Tensor): tf.Tensor {
  if (!fused()) return tf.relu(x);
  return tf.customGrad((...args) => {
    const [input, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const y = tf.relu(input);
    save([y]);
    return { value: y, gradFunc: (dy: tf.Tensor, [kept]: tf.Tensor[]) => run('ResNetReluGrad', { dy, y: kept! })[0]! };
  })(x);
}

describe('what waits and runs inside of its neighbours', () => {
  it.each([
    ['whole tiles', [3, 8, 8, 8], 8, 1],
    ['tiles cut at the edge', [2, 7, 6, 8], 8, 1],
    ['channels that are not vectors', [2, 8, 8, 6], 6, 1],
    ['a stride, so that implicit GEMM takes it', [2, 8, 8, 8], 8, 2],
  ])('two residual blocks agree with stock ops, values and gradients: %s', (_, shape, c, stride) =>
    expectSame(() => {
      // Gentle, so that no relu changes its mind for a rounding.
      const weights = [1, 2, 3, 4].map((seed) => tf.mul(tensor<tf.Rank.R4>([3, 3, c, c], seed), 0.2) as tf.Tensor4D);
      const scales = [5, 6, 7, 8].map((seed) => tf.add(tensor<tf.Rank.R1>([c], seed), 1.5) as tf.Tensor1D);
      const net = (...args: tf.Tensor[]) => {
        const [x, w1, w2, w3, w4, s1, s2, s3, s4] = args as [tf.Tensor4D, ...tf.Tensor4D[]];
        const first = block(x, [w1!, w2!], [s1, s2] as unknown as tf.Tensor1D[], stride);
        return block(first, [w3!, w4!], [s3, s4] as unknown as tf.Tensor1D[], 1);
      };
      const inputs = [tensor(shape, 9), ...weights, ...scales];
      const y = net(...inputs);
      return [y, ...tf.grads(net)(inputs, tensor(y.shape, 10))];
    }),
  );

  it('can be read at every point, in any order, more than once', () =>
    expectSame(() => {
      const x = tensor<tf.Rank.R4>([2, 8, 8, 8], 1);
      const w = tensor<tf.Rank.R4>([3, 3, 8, 8], 2);
      const [mean, variance] = [tensor<tf.Rank.R1>([8], 3), tf.abs(tensor<tf.Rank.R1>([8], 4))];
      const y = tf.conv2d(x, w, 1, 1);
      const normal = tf.batchNorm(y, mean, variance) as tf.Tensor4D;
      const sum = tf.add(normal, x);
      const positive = tf.relu(sum);
      const next = tf.conv2d(positive as tf.Tensor4D, w, 1, 1);
      return [next, positive, sum, normal, y, tf.add(positive, normal), tf.relu(normal), tf.mul(sum, 2)];
    }));
});
