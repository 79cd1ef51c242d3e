import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sgd, type TrainEvent, train } from '@resnet/trainer';
import { fileCheckpoints } from '@resnet/trainer/node';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';

async function* batches() {
  for (;;) yield { images: tf.ones([2, 3]), labels: Int32Array.of(0, 1) };
}

/** Trains for three steps with a checkpoint at the end. */
export const example = async (folder: string) => {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units: 2 })] });
  const checkpoints = { store: fileCheckpoints(join(folder, 'checkpoints')), every: 3 };
  const options = { model, batches, steps: 3, schedule: () => 0.1, optimizer: sgd(), checkpoints };
  const events: TrainEvent[] = await lastValueFrom(train(options).pipe(toArray()));
  return [events.filter(({ type }) => type === 'step').length, readdirSync(join(folder, 'checkpoints')).length];
};
