// A net and batches of a few microseconds, the same in every process: for runs that are made to be killed.
import * as tf from '@tensorflow/tfjs';

const init = (seed) => tf.initializers.randomNormal({ stddev: 0.5, seed });

/** 6 numbers in, 3 classes out, with statistics to lose. */
export const smallNet = () =>
  tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [6], units: 8, useBias: false, kernelInitializer: init(1) }),
      tf.layers.batchNormalization({ momentum: 0.9 }),
      tf.layers.dense({ units: 3, kernelInitializer: init(2) }),
    ],
  });

/** Epochs of 7 batches of 8, each after `pace` milliseconds. */
export const smallBatches = (pace = 0) =>
  async function* (epoch, firstBatch) {
    for (let i = firstBatch; i < 7; i += 1) {
      if (pace > 0) await new Promise((resolve) => setTimeout(resolve, pace));
      const points = Array.from({ length: 8 }, (_, j) =>
        Array.from({ length: 6 }, (_, k) => Math.sin(epoch * 999 + i * 77 + j * 7 + k)),
      );
      const labels = Int32Array.from(points, ([x, y, z]) => (x > y ? 0 : y > z ? 1 : 2));
      yield { images: tf.tensor2d(points), labels };
    }
  };
