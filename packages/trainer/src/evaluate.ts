import * as tf from '@tensorflow/tfjs';
import { acceptBatches } from './accept-batch';
import { type Batch, type Batches, countOf, disposeBatch, probabilities } from './batch';
import { breathe } from './breathe';
import { TrainError } from './errors';
import type { Evaluation } from './events';
import { logitsOf } from './gradients';
import type { Parallel } from './parallel';
import { type ScoreSums, scoreSums } from './scores';

/** Settings of `evaluate`. */
export interface EvaluateOptions {
  /** Stops after the current batch when aborted. With other processes, all of them must be told. */
  signal?: AbortSignal;
  /** Receives what the model says of each batch. */
  onScores?: OnScores;
  /** Other processes that measure the same model on their parts of each batch; all get the result of all. Null and left out: this one measures alone. */
  parallel?: Parallel | null;
}

/** What a model says of a batch. The arrays are only good during the call. */
export interface BatchScores {
  /** `[n, classes]`, row by row. */
  readonly logits: ArrayLike<number>;
  /** Probabilities of the true classes, `[n, classes]`: a 1 in each row where labels are indices. */
  readonly labels: ArrayLike<number>;
  /** How many there are. */
  readonly classes: number;
}

/** Takes what a model says of a batch, in the order of the images. */
export type OnScores = (scores: BatchScores) => void;

/**
 * Measures a model in inference mode: top-1 and top-5 error and loss over all images, summed in float64.
 *
 * @param model Gives logits `[n, classes]`. Its weights are not touched.
 * @param batches Each image once; tensors in them are disposed.
 * @throws TrainError if there are no images; the signal's reason if it is aborted.
 */
export async function evaluate(
  model: tf.LayersModel,
  batches: Batches,
  { signal, parallel = null, onScores }: EvaluateOptions = {},
): Promise<Evaluation> {
  const result = await measure(model, batches, { stopped: () => signal?.aborted === true, parallel, onScores });
  if (result.kind === 'measured') return result.evaluation;
  throw signal?.reason;
}

/** A whole evaluation, or one that was stopped between two batches. */
export type Measurement =
  | { readonly kind: 'measured'; readonly evaluation: Evaluation }
  | { readonly kind: 'interrupted' };

/** What goes on beside a measurement. */
export interface Asked {
  /** Asked between two batches; all processes get the same answer. */
  readonly stopped: () => boolean | Promise<boolean>;
  /** Who measures as well. */
  readonly parallel: Parallel | null;
  /** Receives what the model says of each batch. */
  readonly onScores?: OnScores | undefined;
}

/** Like `evaluate`; asks `stopped` between two batches. */
export async function measure(
  model: tf.LayersModel,
  batches: Batches,
  { stopped, parallel, onScores }: Asked,
): Promise<Measurement> {
  const start = performance.now();
  const sums = scoreSums();
  for await (const batch of acceptBatches(batches, model)) {
    if (await stopped()) {
      disposeBatch(batch);
      return { kind: 'interrupted' };
    }
    await measureBatch(model, batch, sums, onScores);
    await breathe();
  }
  if (await stopped()) return { kind: 'interrupted' };
  if (parallel) sums.replace(await parallel.sum(sums.totals()));
  const scores = sums.result();
  const seconds = (performance.now() - start) / 1000;
  if (scores.images > 0) return { kind: 'measured', evaluation: { ...scores, seconds } };
  throw new TrainError('evaluate: there must be at least one image, got none. Check the data and its split.');
}

async function measureBatch(model: tf.LayersModel, batch: Batch, sums: ScoreSums, onScores?: OnScores): Promise<void> {
  const { images } = batch;
  let logits: tf.Tensor | undefined;
  try {
    logits = tf.tidy(() =>
      logitsOf(model, images instanceof tf.Tensor ? images : tf.tensor(images.data, [...images.shape]), false),
    );
    const classes = logits.shape[1]!;
    if (countOf(batch) === 0) return;
    const scores = { logits: await logits.data(), labels: probabilities(batch, classes), classes };
    sums.add(scores.logits, scores.labels, classes);
    onScores?.(scores);
  } finally {
    logits?.dispose();
    disposeBatch(batch);
  }
}
