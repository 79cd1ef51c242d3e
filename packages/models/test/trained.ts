import * as tf from '@tensorflow/tfjs';

/** Gives a model the weights of one that has been trained: nothing is 0 or 1 any more. Seeded, and changes the model. */
export function pretendTrained(model: tf.LayersModel): tf.LayersModel {
  let seed = 1;
  for (const { originalName, ...variable } of model.weights.map((weight) => ({
    originalName: weight.originalName,
    weight,
  }))) {
    const { weight } = variable;
    tf.tidy(() => {
      const noise = tf.randomNormal(weight.shape as number[], 0, 0.2, 'float32', seed++);
      const old = weight.read();
      weight.write(originalName.endsWith('/kernel') ? tf.mul(old, tf.add(1, noise)) : tf.add(old, tf.abs(noise)));
    });
  }
  return model;
}

/** Four images that every test may look at. */
export const images = (size = 16): tf.Tensor4D => tf.randomNormal([4, size, size, 3], 0, 1, 'float32', 99);

/** The largest difference of two models' logits. */
export const difference = (a: tf.LayersModel, b: tf.LayersModel, x: tf.Tensor): number =>
  tf.tidy(() => tf.max(tf.abs(tf.sub(a.predict(x) as tf.Tensor, b.predict(x) as tf.Tensor))).arraySync() as number);
