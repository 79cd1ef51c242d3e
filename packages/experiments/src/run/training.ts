import { failOnDivergence, rollbackOnDivergence, sgd, stopEarly, type TrainEvent, train } from '@resnet/trainer';
import { fileCheckpoints, logEvents, logMetrics, logTensorBoard, runPaths, showProgress } from '@resnet/trainer/node';
import type * as tf from '@tensorflow/tfjs';
import { identity, type Observable } from 'rxjs';
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
 * @returns The run's events. When the recipe's patience is at its end they end as if aborted, before the test, and the
 *   model holds the best weights.
 */
export function trainingOf({ recipe, directory, model, streams, pictures, signal }: Parts): Observable<TrainEvent> {
  const paths = runPaths(directory);
  const store = fileCheckpoints(paths.checkpoints, { keep: recipe.keep });
  const rollback = recipe.onNan === 'rollback' ? rollbackOnDivergence() : null;
  const early = earlyStopOf(recipe, model, store);
  const schedule = scheduleOf(recipe);
  const { validateEvery, checkpointEvery } = recipe;
  const stream = train({
    model,
    batches: streams.train,
    steps: recipe.steps,
    schedule: rollback ? rollback.schedule(schedule) : schedule,
    optimizer: optimizerOf(recipe),
    ...(validateEvery > 0 &&
      streams.validation && { validation: { batches: streams.validation, every: validateEvery } }),
    test: streams.test,
    checkpoints: { store, recipe: recipeHash(recipe), ...(checkpointEvery > 0 && { every: checkpointEvery }) },
    ...updateOf(recipe),
    states: { ...(rollback && { rollback }), ...(early && { early }) },
    signal: early ? AbortSignal.any([signal, early.signal]) : signal,
  });
  return stream.pipe(
    // The policies first, so that the logs and the bar see what is left of the stream.
    failOnDivergence(),
    rollback ? rollback.operator : identity,
    early ? early.operator : identity,
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

function earlyStopOf(
  { name, patience, validateEvery }: Recipe,
  model: tf.LayersModel,
  checkpoints: ReturnType<typeof fileCheckpoints>,
) {
  if (patience === null) return null;
  if (validateEvery > 0) return stopEarly({ patience, restore: { model, checkpoints } });
  throw new UsageError(`recipe ${name}: patience counts validations, got validateEvery 0. Pass --validate-every too.`);
}
