import type { DataParallel } from '@resnet/distributed';
import { headLayer } from '@resnet/models';
import {
  adamw,
  failOnDivergence,
  type OnScores,
  type Optimizer,
  type Policy,
  rollbackOnDivergence,
  sgd,
  stopEarly,
  type TrainEvent,
  train,
} from '@resnet/trainer';
import { fileCheckpoints, logEvents, logLayers, logMetrics, logTensorBoard, runPaths } from '@resnet/trainer/node';
import type * as tf from '@tensorflow/tfjs';
import { identity, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { UsageError } from '../errors';
import type { MeasuredRecipe } from '../recipe/length';
import type { Recipe } from '../recipe/schema';
import type { Streams } from './batches';
import { type Pictures, showAtStart } from './samples';
import { scheduleOf } from './schedule';
import type { LayersWatch } from './watch-layers';

/** What a run trains with. */
export interface TrainingParts {
  /** The recipe, its length in iterations. */
  recipe: MeasuredRecipe;
  /** Identifies the recipe in checkpoints. */
  hash: string;
  /** The run folder; nothing is written there before the stream is subscribed to. */
  directory: string;
  /** The network, which the caller owns. */
  model: tf.LayersModel;
  /** The batches. */
  streams: Streams;
  /** For TensorBoard, at the start of the run. */
  pictures: Pictures;
  /** Stops the run with a checkpoint. */
  signal?: AbortSignal;
  /** Measures layers during training. */
  layers?: LayersWatch | undefined;
  /** Receives the network's scores of the test images. */
  onScores?: OnScores;
  /** Processes that train together; rank 0 writes and reports. */
  parallel?: DataParallel | null;
  /** An operator on the events. */
  watch?: MonoTypeOperatorFunction<TrainEvent>;
}

/**
 * Trains by a recipe, with its policies and logs.
 *
 * @returns The run's events. If the recipe's patience runs out, they end with reason `stopped-early` before the test images are
 *   evaluated, and the model holds the best weights.
 * @throws UsageError where the recipe's settings contradict each other.
 */
export function trainingOf(parts: TrainingParts): Observable<TrainEvent> {
  const { recipe, hash, directory, model, streams, pictures, signal, layers, onScores } = parts;
  const { parallel = null, watch = identity } = parts;
  requireValidations(recipe);
  const paths = runPaths(directory);
  const files = fileCheckpoints(paths.checkpoints, { keep: recipe.keep });
  const store = parallel?.checkpoints(files) ?? files;
  const { validateEvery, checkpointEvery } = recipe;
  const stream = train({
    model,
    batches: streams.train,
    steps: recipe.steps,
    schedule: scheduleOf(recipe),
    optimizer: optimizerOf(recipe, model),
    ...(validateEvery > 0 &&
      streams.validation && {
        validation: {
          batches: streams.validation,
          every: validateEvery,
          best: recipe.finalWeights === 'best' ? ('loss' as const) : ('error' as const),
        },
      }),
    ...(layers && { layers: { measure: layers.measure, every: recipe.watchLayers } }),
    ...(recipe.finalWeights === 'last' && { test: streams.test }),
    ...(onScores && { onTestScores: onScores }),
    ...(streams.classWeights && { classWeights: streams.classWeights }),
    checkpoints: { store, recipe: hash, ...(checkpointEvery > 0 && { every: checkpointEvery }) },
    ...updateOf(recipe),
    policies: policiesOf(recipe),
    parallel,
    ...(signal && { signal }),
  });
  if (parallel && parallel.rank > 0) return stream;
  return stream.pipe(
    logEvents(paths.events),
    logMetrics(paths.metrics),
    layers ? logLayers(paths.layers) : identity,
    logTensorBoard(directory, { images: showAtStart(pictures) }),
    watch,
  );
}

/** The recipe's optimizer; the head of `model` learns at a rate of its own. */
export function optimizerOf(recipe: Recipe, model: tf.LayersModel): Optimizer {
  const { headRate, weightDecay, decay, momentum, nesterov, betas, epsilon } = recipe;
  const head = new Set(headLayer(model).weights.map((weight) => weight.read()));
  const shared = {
    weightDecay,
    decay,
    ...(headRate !== 1 && {
      rateGroups: [{ includes: (variable: tf.Variable) => head.has(variable), scale: headRate }],
    }),
  };
  const [beta1, beta2] = betas;
  return recipe.optimizer === 'sgd'
    ? sgd({ momentum, nesterov, ...shared })
    : adamw({ beta1, beta2, epsilon, ...shared });
}

/** The other settings of an update. */
export const updateOf = ({ labelSmoothing, clipNorm, microBatch, averageDecay }: Recipe) => ({
  labelSmoothing,
  ...(clipNorm !== null && { clipNorm }),
  ...(microBatch !== null && { microBatch }),
  ...(averageDecay !== null && { averageDecay }),
});

const policiesOf = ({ onDivergence, patience }: Recipe): Policy[] => [
  onDivergence === 'rollback' ? rollbackOnDivergence() : failOnDivergence(),
  ...(patience === null ? [] : [stopEarly({ patience, restoreBest: true })]),
];

/** Refuses settings that wait for validations in a run that has none. */
function requireValidations({ name, patience, finalWeights, schedule, validateEvery }: MeasuredRecipe): void {
  if (validateEvery > 0) return;
  const waiting = [
    ...(patience !== null ? ['patience'] : []),
    ...(finalWeights === 'best' ? ['finalWeights: best'] : []),
    ...(schedule.kind === 'plateau' ? ['a plateau schedule'] : []),
  ];
  if (waiting.length === 0) return;
  throw new UsageError(
    `recipe ${name}: ${waiting.join(' and ')} must have validations to count, got validateEvery 0. Set validateEvery.`,
    { option: 'validateEvery' },
  );
}
