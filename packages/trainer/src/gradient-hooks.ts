import * as tf from '@tensorflow/tfjs';

/** Hears of a weight's gradient as soon as the backward pass has it; the pass goes on. */
export type OnGradient = (gradient: tf.Tensor) => void;

/**
 * Runs `pass`, forward and backward, and tells of each gradient of a trainable weight on the way: while `pass` runs, a layer that reads such a weight
 * gets it through an operation whose gradient is what arrives there. A weight that is read twice has a gradient of several parts, and is not told of.
 */
export function hearingGradients<T>(model: tf.LayersModel, onGradient: OnGradient, pass: () => T): T {
  const weights = model.trainableWeights;
  for (const weight of weights) weight.read = told(weight.read.bind(weight), onGradient);
  try {
    return pass();
  } finally {
    // What lies below is the class's own.
    for (const weight of weights) Reflect.deleteProperty(weight, 'read');
  }
}

function told(read: () => tf.Tensor, onGradient: OnGradient): () => tf.Tensor {
  let reads = 0;
  return () => {
    reads += 1;
    return tf.customGrad((...args) => ({
      value: (args[0] as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor) => {
        if (reads === 1) onGradient(dy);
        return dy;
      },
    }))(read());
  };
}
