import {
  failOnDivergence,
  type Policy,
  rollbackOnDivergence,
  sgd,
  stopEarly,
  type TrainEvent,
  train,
} from '@resnet/trainer';
import { fileCheckpoints, logEvents, logMetrics, logTensorBoard, runPaths, showProgress } from '@resnet/trainer/node';
import type * as tf from '@tensorflow/tfjs';
import type { Observable } from 'rxjs';
import { UsageError } from '../errors';
import type { Recipe } from '../recipe/schema';
import type { Streams } from './batches';
import { recipeHash } from './run-files';
import { type Pictures, showAtStart } from './samples';
import { scheduleOf } from './schedule';

/** What a run computes with. */
export interface Parts {
  recipe: Recipe;
  /** The run folder; nothing is written there before the stream is subscribed to. */
  directory: string;
  model: tf.LayersModel;
  streams: Streams;
  /** For TensorBoard, at the start of the run. */
  pictures: Pictures;
  /** Stops the run with a checkpoint. */
  signal: AbortSignal;
}

/**
 * Ties a recipe to the trainer: options, policies, logs. What a recipe can get wrong is told here.
 *
 * @returns The run's events. When the recipe's patience is at its end they end with reason `stopped-early`, before the test, and
 *   the model holds the best weights.
 */
export function trainingOf({ recipe, directory, model, streams, pictures, signal }: Parts): Observable<TrainEvent> {
  const paths = runPaths(directory);
  const store = fileCheckpoints(paths.checkpoints, { keep: recipe.keep });
  const { validateEvery, checkpointEvery } = recipe;
  const stream = train({
    model,
    batches: streams.train,
    steps: recipe.steps,
    schedule: scheduleOf(recipe),
    optimizer: optimizerOf(recipe),
    ...(validateEvery > 0 &&
      streams.validation && { validation: { batches: streams.validation, every: validateEvery } }),
    test: streams.test,
    checkpoints: { store, recipe: recipeHash(recipe), ...(checkpointEvery > 0 && { every: checkpointEvery }) },
    ...updateOf(recipe),
    policies: policiesOf(recipe),
    signal,
  });
  return stream.pipe(
    logEvents(paths.events),
    logMetrics(paths.metrics),
    logTensorBoard(directory, { images: showAtStart(pictures) }),
    showProgress({ label: recipe.model }),
  );
}

/** SGD as the recipe has it. */
export const optimizerOf = ({ momentum, nesterov, weightDecay, decayAll }: Recipe) =>
  sgd({ momentum, nesterov, weightDecay, decay: decayAll ? 'all' : 'without-norm-and-bias' });

/** What else of a recipe decides on an update. */
export const updateOf = ({ labelSmoothing, clipNorm, microBatch, ema }: Recipe) => ({
  labelSmoothing,
  ...(clipNorm !== null && { clipNorm }),
  ...(microBatch !== null && { microBatch }),
  ...(ema !== null && { averageDecay: ema }),
});

function policiesOf({ name, onNan, patience, validateEvery }: Recipe): Policy[] {
  if (patience !== null && validateEvery === 0) {
    throw new UsageError(`recipe ${name}: patience counts validations, got validateEvery 0. Validate the run, too.`);
  }
  return [
    onNan === 'rollback' ? rollbackOnDivergence() : failOnDivergence(),
    ...(patience === null ? [] : [stopEarly({ patience, restoreBest: true })]),
  ];
}
