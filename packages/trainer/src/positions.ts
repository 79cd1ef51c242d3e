import type * as tf from '@tensorflow/tfjs';
import { acceptBatches } from './accept-batch';
import { type Batch, type Batches, type BatchSource, disposeBatch } from './batch';
import { TrainError } from './errors';

/** A batch and its place: its epoch and its index there, both from 0. */
export interface Placed {
  readonly batch: Batch;
  readonly epoch: number;
  readonly index: number;
}

/** Batches from a place on, epoch after epoch without end. */
export async function* batchesFrom(source: AcceptedSource, epoch: number, batch: number): AsyncGenerator<Placed> {
  for (let now = epoch, first = batch; ; now += 1, first = 0) {
    let next = first;
    for await (const batch of source(now, first)) {
      const index = batch.index ?? next;
      next = index + 1;
      yield { batch, epoch: now, index };
    }
    if (next === 0) {
      throw new TrainError(
        `train: every epoch must have a batch, got none in epoch ${now}. ` +
          'Pass a function (epoch, firstBatch) => batches, or something that can be iterated anew each epoch.',
      );
    }
  }
}

/** Batches of an epoch from one on, checked. */
type AcceptedSource = (epoch: number, firstBatch: number) => AsyncIterable<Batch>;

/** Makes a source of something that starts over each time it is iterated, too: to resume, it reads what was already seen. */
export const asSource = (batches: BatchSource | Batches, model: tf.LayersModel): AcceptedSource =>
  typeof batches === 'function'
    ? (epoch, firstBatch) => acceptBatches(batches(epoch, firstBatch), model)
    : (_, firstBatch) => skip(acceptBatches(batches, model), firstBatch);

async function* skip(batches: AsyncIterable<Batch>, count: number): AsyncGenerator<Batch> {
  let index = 0;
  for await (const batch of batches) {
    index += 1;
    if (index > count) yield batch;
    else disposeBatch(batch);
  }
}
