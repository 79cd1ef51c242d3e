import { existsSync } from 'node:fs';
import type { Backend } from '@resnet/backend';
import { exportSafetensors } from '@resnet/models';
import {
  type EndEvent,
  failOnDivergence,
  type Rollback,
  rollbackOnDivergence,
  sgd,
  type TrainEvent,
  train,
  withoutNormAndBias,
} from '@resnet/trainer';
import {
  createRun,
  fileCheckpoints,
  logEvents,
  logMetrics,
  logTensorBoard,
  openRun,
  progress,
  type Run,
  type SignalStop,
  stopOnSignal,
  writeDurably,
} from '@resnet/trainer/node';
import type * as tf from '@tensorflow/tfjs';
import { filter, lastValueFrom, type Observable } from 'rxjs';
import { UsageError } from '../errors';
import { note } from '../output';
import type { Recipe } from '../recipes/recipe';
import { startBackend } from '../start-backend';
import { type Streams, streamsOf } from './batches';
import { environment } from './environment';
import { openImages } from './images';
import { type NetworkBuilder, networkOf } from './network';
import { preprocessingFor } from './preprocess';
import { hardware, type RunResult } from './result';
import { recipeHash, runFiles, type SavedPreprocessing, savedPreprocessing, savedRecipe } from './run-files';
import { scheduleOf } from './schedule';

/** A run to start or to go on with. */
export interface TrainingRequest {
  recipe: Recipe;
  directory: string;
  /** Goes on with the run in `directory` if there is one. */
  resume: boolean;
  /** Makes the network; by default the one that the recipe names. */
  network?: NetworkBuilder;
}

/** How a run ended; `result` is null where a signal stopped it. */
export interface TrainingOutcome {
  result: RunResult | null;
  exitCode: number;
}

/** Trains as the recipe says, in a run folder: resumable, logged, with its result at the end. */
export async function runTraining(request: TrainingRequest): Promise<TrainingOutcome> {
  const { recipe, directory, resume, network = networkOf } = request;
  const backend = await startBackend(recipe.backend, { threads: recipe.threads ?? undefined });
  note(`backend: ${backend.name}${backend.threads ? `, ${backend.threads} threads` : ''}`);
  // All that a recipe can get wrong shows before anything is written.
  const images = await openImages(recipe);
  const goesOn = resume && existsSync(directory);
  const preprocessing =
    (goesOn && savedPreprocessing(directory)?.preprocessing) || (await preprocessingFor(recipe, images.train));
  const streams = await streamsOf(recipe, images, preprocessing);
  const model = await network(recipe, images.classes.length, preprocessing.imageSize);
  const run = goesOn ? goOn(directory, recipe) : await createRun(directory, { recipe, environment: environment() });
  const stop = stopOnSignal();
  try {
    await savePreprocessing(run, { classes: images.classes, preprocessing });
    const end = await lastEnd(events(recipe, run, model, streams, stop));
    if (end.reason === 'aborted') return { result: null, exitCode: stop.exitCode ?? 1 };
    await writeDurably(runFiles(run.directory).weights, await exportSafetensors(model, { model: recipe.model }));
    const result = resultOf(recipe, model, end, backend);
    await run.writeResult(result);
    return { result, exitCode: 0 };
  } finally {
    stop.release();
    run.release();
  }
}

function goOn(directory: string, recipe: Recipe): Run {
  if (recipeHash(savedRecipe(directory)) !== recipeHash(recipe)) {
    throw new UsageError(`${directory}: holds a run of another recipe. Resume it as it is, or choose another --out.`);
  }
  return openRun(directory);
}

const savePreprocessing = ({ directory }: Run, decided: SavedPreprocessing): Promise<void> =>
  writeDurably(runFiles(directory).preprocessing, new TextEncoder().encode(JSON.stringify(decided)));

function events(
  recipe: Recipe,
  run: Run,
  model: tf.LayersModel,
  streams: Streams,
  stop: SignalStop,
): Observable<TrainEvent> {
  const rollback = recipe.onNan === 'rollback' ? rollbackOnDivergence() : null;
  const schedule = scheduleOf(recipe);
  const { momentum, nesterov, weightDecay, decayAll, validateEvery } = recipe;
  const stream = train({
    model,
    batches: streams.train,
    steps: recipe.steps,
    schedule: rollback ? rollback.schedule(schedule) : schedule,
    optimizer: sgd({ momentum, nesterov, weightDecay, ...(!decayAll && { decay: withoutNormAndBias }) }),
    ...(validateEvery > 0 &&
      streams.validation && { validation: { batches: streams.validation, every: validateEvery } }),
    test: streams.test,
    checkpoints: {
      store: fileCheckpoints(run.paths.checkpoints, { keep: recipe.keep }),
      recipe: recipeHash(recipe),
      ...(recipe.checkpointEvery > 0 && { every: recipe.checkpointEvery }),
    },
    labelSmoothing: recipe.labelSmoothing,
    ...(recipe.clipNorm !== null && { clipNorm: recipe.clipNorm }),
    ...(recipe.microBatch !== null && { microBatch: recipe.microBatch }),
    ...(recipe.ema !== null && { averageDecay: recipe.ema }),
    ...(rollback && { states: { rollback } }),
    signal: stop.signal,
  });
  return observed(stream, run, recipe, rollback);
}

/** The policies first, so that the logs and the bar see what is left of the stream. */
const observed = (
  stream: Observable<TrainEvent>,
  { paths, directory }: Run,
  recipe: Recipe,
  rollback: Rollback | null,
) =>
  stream.pipe(
    failOnDivergence(),
    rollback ? rollback.operator : (source) => source,
    logEvents(paths.events),
    logMetrics(paths.metrics),
    logTensorBoard(directory),
    progress({ label: recipe.model }),
  );

const lastEnd = (stream: Observable<TrainEvent>): Promise<EndEvent> =>
  lastValueFrom(stream.pipe(filter((event) => event.type === 'end')));

const resultOf = (recipe: Recipe, model: tf.LayersModel, end: EndEvent, backend: Backend): RunResult => ({
  model: recipe.model,
  shortcut: recipe.model.startsWith('plain') ? 'none' : recipe.shortcut,
  parameters: model.trainableWeights.reduce(
    (sum, { shape }) => sum + shape.reduce<number>((n, d) => n * (d ?? 1), 1),
    0,
  ),
  steps: recipe.steps,
  seed: recipe.seed,
  trainLoss: finite(end.trainLoss),
  trainError: finite(end.trainError),
  validationError: end.validation?.error ?? null,
  testError: end.test?.error ?? null,
  testTop5Error: end.test?.top5Error ?? null,
  secondsPerStep: finite(end.secondsPerStep),
  imagesPerSecond: finite(end.imagesPerSecond),
  backend: `${backend.name}${backend.simd ? ` (${backend.simd})` : ''}${backend.threads ? `, ${backend.threads} threads` : ''}`,
  hardware: hardware(),
});

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
