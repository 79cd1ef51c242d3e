import * as tf from '@tensorflow/tfjs';

/**
 * Trains a small convolutional net for 20 steps on the active backend, always the same: seeded weights, made-up images.
 *
 * @returns the loss of every step.
 */
export function smallTraining(): number[] {
  const model = smallNet();
  const images = stripes();
  const labels = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: 16 }, (_, i) => i % 4),
      'int32',
    ),
    4,
  );
  const optimizer = tf.train.momentum(0.1, 0.9);
  return Array.from({ length: 20 }, () =>
    tf.tidy(() => {
      const loss = () => tf.losses.softmaxCrossEntropy(labels, model.apply(images, { training: true }) as tf.Tensor);
      return (optimizer.minimize(loss as () => tf.Scalar, true) as tf.Scalar).dataSync()[0]!;
    }),
  );
}

/** Stride 1 and 2, batch normalization, relu, pooling and a dense layer: what a residual network is made of. */
function smallNet(): tf.LayersModel {
  const conv = (filters: number, strides: number, seed: number) =>
    tf.layers.conv2d({
      filters,
      kernelSize: 3,
      strides,
      padding: 'same',
      useBias: false,
      kernelInitializer: tf.initializers.heNormal({ seed }),
    });
  return tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [12, 12, 3] }),
      conv(8, 1, 1),
      tf.layers.batchNormalization(),
      tf.layers.reLU(),
      conv(12, 2, 2),
      tf.layers.batchNormalization(),
      tf.layers.reLU(),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 4, kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }) }),
    ],
  });
}

/** Images `[16, 12, 12, 3]` of four classes, striped at four widths; no random generator has to agree on them. */
function stripes(): tf.Tensor4D {
  const value = (i: number) => {
    const width = 2 + (Math.floor(i / 432) % 4);
    return Math.floor(i / 3 / width) % 2 === 0 ? (i % 5) / 4 : -(i % 7) / 6;
  };
  return tf.tensor4d(
    Float32Array.from({ length: 16 * 432 }, (_, i) => value(i)),
    [16, 12, 12, 3],
  );
}
