import type * as tf from '@tensorflow/tfjs';
import { take, trainingSteps } from './workload';

/** Seconds of the fastest of some training steps, after one to warm up. The model's weights change. */
export async function stepSeconds(model: tf.LayersModel, batch: number, steps: number): Promise<number> {
  const work = trainingSteps({ model, batch });
  try {
    await take(work, 1);
    return Math.min(...(await take(work, steps)));
  } finally {
    await work.return();
  }
}
