import * as tf from '@tensorflow/tfjs';
import type { StepRecord } from '../../src/webgpu/recording/step';
import { tensor, values } from '../values';

/** Calls a kernel by name. */
export const run = (name: string, inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap): tf.Tensor[] =>
  tf.engine().runKernel(name, inputs, attributes) as tf.Tensor[];

/** Two parameters, a normalization and an update: what a recorded step is made of. */
export function smallStep() {
  const filter = tf.variable(tensor<tf.Rank.R4>([3, 3, 3, 8], 1));
  const [scale, offset] = [tf.variable(tf.ones([8])), tf.variable(tf.zeros([8]))];
  const running = [tf.variable(tf.zeros([8])), tf.variable(tf.ones([8]))] as const;
  const velocity = [filter, scale, offset].map((variable) => tf.variable(tf.zerosLike(variable)));
  const step = (x: tf.Tensor4D, dy: tf.Tensor, rate: tf.Tensor): tf.Tensor =>
    tf.tidy(() => {
      const convolved = tf.conv2d(x, filter as tf.Tensor4D, 1, 1);
      const [y, mean, variance] = run('ResNetBatchNorm', { x: convolved, scale, offset }, { epsilon: 1e-5 });
      const blend = { keep: 0.9, addMean: 0.1, addVariance: 0.1 };
      const statistics = { mean: mean!, variance: variance!, runningMean: running[0], runningVariance: running[1] };
      const [m, v] = run('ResNetRunningStatistics', statistics, blend);
      running[0].assign(m as tf.Tensor1D);
      running[1].assign(v as tf.Tensor1D);
      const relu = tf.relu(y!);
      const [g] = [run('ResNetReluGrad', { dy, y: relu }, {})].flat();
      const normalized = { dy: g!, x: convolved, scale, mean: mean!, variance: variance! };
      const [dx, dScale, dOffset] = run('ResNetBatchNormGrad', normalized, { epsilon: 1e-5 });
      const dw = tf.engine().runKernel('Conv2DBackpropFilter', { x, dy: dx! }, {
        strides: 1,
        pad: 1,
        dataFormat: 'NHWC',
        filterShape: [3, 3, 3, 8],
      } as unknown as tf.NamedAttrMap) as tf.Tensor;
      const inputs: tf.NamedTensorMap = { rate };
      for (const [i, variable] of [filter, scale, offset].entries()) {
        Object.assign(inputs, { [`w${i}`]: variable, [`g${i}`]: [dw, dScale!, dOffset!][i]!, [`v${i}`]: velocity[i]! });
      }
      const next = run('ResNetMomentumUpdate', inputs, {
        count: 3,
        momentum: 0.9,
        nesterov: false,
        decay: [1e-4, 0, 0],
      });
      [filter, scale, offset].forEach((variable, i) => {
        variable.assign(next[2 * i] as tf.Tensor4D);
        velocity[i]!.assign(next[2 * i + 1]!);
      });
      return tf.stack([tf.sum(relu), tf.mean(relu)]);
    });
  const state = (): tf.Variable[] => [filter, scale, offset, ...running, ...velocity];
  return { step, state };
}

/** `n` images, the gradient that arrives, and the rate of step `i`. */
export const inputsAt = (i: number, n = 2): Float32Array[] => [
  values(n * 6 * 6 * 3, i),
  values(n * 6 * 6 * 8, 100 + i),
  Float32Array.of(0.1 / (i + 1)),
];

/** The same as tensors. */
export const asTensors = ([x, dy, rate]: Float32Array[], n = 2): [tf.Tensor4D, tf.Tensor, tf.Tensor] => [
  tf.tensor4d(x!, [n, 6, 6, 3]),
  tf.tensor(dy!, [n, 6, 6, 8]),
  tf.tensor1d(rate!),
];

/** Records a step on the active backend. */
export const record = (inputs: tf.Tensor[], state: () => tf.Tensor[], f: () => tf.Tensor): StepRecord =>
  (tf.backend() as unknown as { recordStep(step: object): StepRecord }).recordStep({ inputs, state, run: f });
