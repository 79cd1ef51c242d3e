import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { on, start, tensor, values } from './on-both';

beforeAll(() => start());

/** `tensor`, with a NaN in the middle. */
function broken<R extends tf.Rank>(shape: number[]): tf.Tensor<R> {
  const all = values(tf.util.sizeFromShape(shape), 1);
  all[all.length >> 1] = Number.NaN;
  return tf.tensor(all, shape as tf.ShapeMap[R]);
}

const places = (result: Float32Array): number[] => [...result.keys()].filter((i) => Number.isNaN(result[i]));

const conv = (size: number, channels: number) =>
  tf.fused.conv2d({
    x: broken<tf.Rank.R4>([2, 8, 8, channels]),
    filter: tensor<tf.Rank.R4>([size, size, channels, channels], 2),
    strides: 1,
    pad: 'same',
    bias: tensor([channels], 3),
    activation: 'relu',
  });

const normalized = (channels: number) =>
  tf.relu(
    tf.batchNorm(
      broken<tf.Rank.R4>([2, 4, 4, channels]),
      tensor<tf.Rank.R1>([channels], 4),
      tf.ones<tf.Rank.R1>([channels]),
    ),
  );

// A relu that gave 0 for NaN would keep the loss of a broken net finite, and training going.
describe('a NaN stays one through', () => {
  it.each<[string, () => tf.Tensor]>([
    ['relu', () => tf.relu(broken([37]))],
    ['a convolution with relu, 3×3', () => conv(3, 16)],
    ['a convolution with relu, 1×1', () => conv(1, 16)],
    ['a convolution with relu, few channels', () => conv(3, 3)],
    ['normalization and relu, 16 channels', () => normalized(16)],
    ['normalization and relu, 3 channels', () => normalized(3)],
    ['the mean', () => tf.mean(tf.relu(broken([2, 4, 4, 8])), [1, 2])],
  ])('%s', async (_, f) => {
    const [[expected], [got]] = [await on('cpu', () => [f()]), await on('simd', () => [f()])];
    expect(places(expected!).length).toBeGreaterThan(0);
    for (const place of places(expected!)) expect(got![place], `at ${place}`).toBeNaN();
  });
});

it('a loss over a block whose filter holds a NaN is NaN, in training too', async () => {
  const step = () => {
    const [x, filter] = [tensor<tf.Rank.R4>([4, 8, 8, 16], 1), broken<tf.Rank.R4>([3, 3, 16, 16])];
    const run = (name: string, inputs: tf.NamedTensorMap) =>
      [tf.engine().runKernel(name, inputs, { epsilon: 1e-5 })].flat()[0] as tf.Tensor4D;
    const normal = run('ResNetBatchNorm', {
      x: tf.conv2d(x, filter, 1, 1),
      scale: tf.ones([16]),
      offset: tf.zeros([16]),
    });
    const next = tf.conv2d(tf.relu(normal), tensor<tf.Rank.R4>([3, 3, 16, 16], 5), 1, 1);
    return [tf.mean(tf.relu(next))];
  };
  const [[loss]] = [await on('simd', step)];
  expect(loss![0]).toBeNaN();
});
