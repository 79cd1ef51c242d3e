import { basic, scope } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';

/** A net of stock layers with one residual block among them. Maps `[batch, 8, 8, 1]` to two logits. */
export function stripeNet(seed = 0) {
  const input = tf.input({ shape: [8, 8, 1] });
  const widened = tf.layers
    .conv2d({
      filters: 8,
      kernelSize: 3,
      padding: 'same',
      kernelInitializer: tf.initializers.heNormal({ seed: seed + 1 }),
    })
    .apply(input);
  const block = scope('block', basic(16, 2))(/** @type {tf.SymbolicTensor} */ (widened));
  const pooled = tf.layers.globalAveragePooling2d({}).apply(block);
  const logits = tf.layers
    .dense({ units: 2, kernelInitializer: tf.initializers.heNormal({ seed: seed + 2 }) })
    .apply(pooled);
  return tf.model({ inputs: input, outputs: /** @type {tf.SymbolicTensor} */ (logits) });
}

/** Noisy stripes, horizontal (0) and vertical (1) in turn, with a different phase each. The caller owns both tensors. */
export function stripes(count, seed) {
  return tf.tidy(() => {
    const images = Array.from({ length: count }, (_, i) =>
      Array.from({ length: 8 }, (_, y) => Array.from({ length: 8 }, (_, x) => [Math.sin(1.6 * (i % 2 ? x : y) + i)])),
    );
    const noise = tf.randomNormal([count, 8, 8, 1], 0, 0.5, 'float32', seed);
    const labels = Array.from({ length: count }, (_, i) => i % 2);
    return { images: tf.add(tf.tensor4d(images), noise), labels: tf.oneHot(labels, 2) };
  });
}

/** Trains a net on stripes and returns the share of new ones that it gets right. */
export async function learnStripes() {
  const model = stripeNet();
  model.compile({
    optimizer: tf.train.momentum(0.05, 0.9),
    loss: (labels, logits) => tf.losses.softmaxCrossEntropy(labels, logits),
    metrics: ['accuracy'],
  });
  const [training, fresh] = [stripes(64, 1), stripes(64, 2)];
  await model.fit(training.images, training.labels, { epochs: 6, batchSize: 16, verbose: 0 });
  const [, accuracy] = /** @type {tf.Scalar[]} */ (model.evaluate(fresh.images, fresh.labels, { batchSize: 64 }));
  return accuracy.dataSync()[0];
}
