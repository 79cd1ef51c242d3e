import { basic, chain, convNorm, head, network, padded, relu, scope } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';

/**
 * Trains a small residual net for some steps on the active backend, always the same: seeded weights, made-up images.
 *
 * @returns the loss of every step.
 */
export async function smallResNetTraining(steps = 6): Promise<number[]> {
  const blocks = chain(
    convNorm(8, 3),
    relu,
    scope('a', basic(8, 1, padded())),
    scope('b', basic(16, 2, padded())),
    head(4),
  );
  const model = network({ inputShape: [8, 8, 3], seed: 1 }, blocks);
  const values = Float32Array.from({ length: 8 * 192 }, (_, i) => Math.sin(i * (1 + (Math.floor(i / 192) % 4))));
  const images = tf.tensor4d(values, [8, 8, 8, 3]);
  const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3, 0, 1, 2, 3], 'int32'), 4);
  const optimizer = tf.train.momentum(0.05, 0.9);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const loss = tf.tidy(() => {
      const loss = () => tf.losses.softmaxCrossEntropy(labels, model.apply(images, { training: true }) as tf.Tensor);
      return optimizer.minimize(loss as () => tf.Scalar, true) as tf.Scalar;
    });
    losses.push((await loss.data())[0]!);
    loss.dispose();
  }
  tf.dispose([images, labels]);
  model.dispose();
  return losses;
}
