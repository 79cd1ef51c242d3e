import { scoreProbabilities } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { type Moment, momentsOf } from './moments';
import { type Sample, sampleOf } from './sample';
import type { TrainedRun } from './trained-run';

/** Error and loss of a network on fixed training images, without augmentation, in evaluation mode. */
export interface ErrorAt {
  /** Iterations done. */
  step: number;
  /** Error, a fraction. */
  error: number;
  /** Mean loss in nats. */
  loss: number;
}

/** Error and loss on `images` training images at each kept moment of a run. */
export async function errorsAlong(run: TrainedRun, images: number): Promise<ErrorAt[]> {
  const sample = await sampleOf(run, 'train', images);
  const found: ErrorAt[] = [];
  for (const moment of await momentsOf(run)) found.push(await errorAt(moment, sample));
  sample.images.dispose();
  return found;
}

/** Error and loss on a sample at one moment. */
export const errorAt = (moment: Moment, { images, labels }: Sample): Promise<ErrorAt> =>
  moment.with(async (model) => {
    const scores = tf.tidy(() => tf.softmax(model.predictOnBatch(images) as tf.Tensor2D));
    const probabilities = (await scores.array()) as number[][];
    scores.dispose();
    const { error, loss } = scoreProbabilities(
      probabilities.map((row, i) => ({ label: labels[i]!, probabilities: row })),
    );
    return { step: moment.step, error, loss };
  });
