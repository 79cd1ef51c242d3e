import { BatchNorm, BlockError, chain, conv, head, network, norm } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

const statistics = (layer: tf.layers.Layer) =>
  layer.nonTrainableWeights.slice(-2).map((weight) => [...weight.read().dataSync()]);

describe('BatchNorm', () => {
  it('normalizes two values by hand, and keeps an unbiased running variance', () => {
    const layer = new BatchNorm();
    const y = layer.apply(tf.tensor2d([1, 5], [2, 1]), { training: true }) as tf.Tensor;
    // Mean 3, biased variance 4, unbiased 8.
    const normal = 2 / Math.sqrt(4 + 1e-5);
    expect(y.dataSync()[0]).toBeCloseTo(-normal, 6);
    expect(y.dataSync()[1]).toBeCloseTo(normal, 6);
    const [mean, variance] = statistics(layer);
    expect(mean![0]).toBeCloseTo(0.3, 6);
    expect(variance![0]).toBeCloseTo(0.9 + 0.1 * 8, 6);
  });

  it('uses the running statistics in inference and leaves them alone', () => {
    const layer = new BatchNorm();
    layer.apply(tf.tensor2d([1, 5], [2, 1]), { training: true });
    const before = statistics(layer);
    const y = layer.apply(tf.tensor2d([2.3, 7], [2, 1])) as tf.Tensor;
    expect(y.dataSync()[0]).toBeCloseTo(2 / Math.sqrt(1.7 + 1e-5), 5);
    expect(statistics(layer)).toEqual(before);
  });

  it('keeps and uses its statistics in training, too, when frozen', () => {
    const layer = new BatchNorm({ trainable: false });
    const y = layer.apply(tf.tensor2d([1, 5], [2, 1]), { training: true }) as tf.Tensor;
    expect(y.dataSync()[1]).toBeCloseTo(5, 4);
    expect(statistics(layer)).toEqual([[0], [1]]);
  });

  it('is differentiable in inference', () => {
    const layer = new BatchNorm();
    layer.apply(tf.zeros([2, 3]));
    const dx = tf.grad((x) => tf.sum(layer.apply(x) as tf.Tensor))(tf.ones([2, 3]));
    expect(dx.dataSync()[0]).toBeCloseTo(1, 4);
  });

  it('refuses to train on one value a channel', () => {
    const layer = new BatchNorm({ name: 'bn7' });
    expect(() => layer.apply(tf.zeros([1, 1, 1, 3]), { training: true })).toThrow(BlockError);
    expect(() => layer.apply(tf.zeros([1, 1, 1, 3]), { training: true })).toThrow(
      'bn7: training needs more than one value a channel, got [1,1,1,3]. Use a larger batch.',
    );
  });

  it('leaks nothing over training steps', () => {
    const model = network({ inputShape: [4, 4, 2], seed: 1 }, chain(conv(3, 3), norm(), head(2)));
    const step = () =>
      tf.tidy(() => {
        const loss = () => tf.sum(model.apply(tf.ones([2, 4, 4, 2]), { training: true }) as tf.Tensor) as tf.Scalar;
        return tf.variableGrads(loss).value.dataSync()[0];
      });
    step();
    const before = tf.memory();
    step();
    step();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
  });
});
