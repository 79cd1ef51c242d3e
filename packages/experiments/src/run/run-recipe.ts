import { existsSync } from 'node:fs';
import type { Backend } from '@resnet/backend';
import { writeDurably } from '@resnet/files';
import { exportSafetensors } from '@resnet/models';
import { type EndEvent, type Evaluation, evaluate, type TrainEvent } from '@resnet/trainer';
import { createRun, openRun, type Run, stopOnSignal } from '@resnet/trainer/node';
import type * as tf from '@tensorflow/tfjs';
import { filter, lastValueFrom, type Observable } from 'rxjs';
import { UsageError } from '../errors';
import { preprocessingFor } from '../evaluation/preprocessing';
import type { OnNote } from '../note';
import type { Recipe } from '../recipe/schema';
import { streamsOf, workersFor } from './batches';
import { environment } from './environment';
import { type Images, openImages } from './images';
import { type NetworkBuilder, networkOf } from './network';
import { hardware, type RunResult } from './result';
import {
  recipeHash,
  requireRun,
  runFiles,
  type SavedPreprocessing,
  savedPreprocessing,
  savedRecipe,
} from './run-files';
import { samplesOf } from './samples';
import { startBackend } from './start-backend';
import { trainingOf } from './training';

/** A run to start or to go on with. */
export interface TrainingRequest {
  recipe: Recipe;
  directory: string;
  /** Goes on with the run in `directory` if there is one. */
  resume: boolean;
  /** Makes the network; by default the one that the recipe names. */
  network?: NetworkBuilder;
  /** Hears what is said on the way. */
  onNote?: OnNote;
}

/** How a run ended; `result` is null where a signal stopped it. */
export interface TrainingOutcome {
  result: RunResult | null;
  exitCode: number;
}

/** Trains as the recipe says, in a run folder: resumable, logged, with its result at the end. */
export async function runTraining(request: TrainingRequest): Promise<TrainingOutcome> {
  const { recipe, directory, resume, network = networkOf, onNote = () => {} } = request;
  const goesOn = resume && existsSync(directory);
  if (goesOn) requireRun(directory);
  const backend = await startBackend(recipe.backend, {
    threads: recipe.threads ?? undefined,
    software: recipe.software,
  });
  onNote(`backend: ${backend.name}${backend.threads ? `, ${backend.threads} threads` : ''}`);
  // All that a recipe can get wrong shows before anything is written.
  const images = await openImages(recipe, onNote);
  const decided = await decide(recipe, images, goesOn ? savedPreprocessing(directory) : null);
  const { preprocessing } = decided;
  const workers = workersFor(recipe, images.train, backend.threads ?? null);
  onNote(`data: ${images.train.length.toLocaleString('en-US')} training images, ${workers} workers`);
  const streams = await streamsOf({ ...recipe, workers }, images, preprocessing);
  const model = await network(recipe, images.classes.length, preprocessing.imageSize);
  const pictures = goesOn ? {} : await samplesOf(images.train, streams.augment, recipe.seed);
  const stop = stopOnSignal();
  try {
    const events = trainingOf({ recipe, directory, model, streams, pictures, signal: stop.signal });
    const run = goesOn ? goOn(directory, recipe) : await createRun(directory, { recipe, environment: environment() });
    try {
      await savePreprocessing(run, decided);
      const end = await lastEnd(events);
      if (stop.exitCode !== null && end.reason === 'aborted') return { result: null, exitCode: stop.exitCode };
      // Stopped early, the run ended before its test; the model holds the best weights by now.
      const tested = end.test ?? (await evaluate(model, streams.test()));
      await writeDurably(runFiles(run.directory).weights, await exportSafetensors(model, { model: recipe.model }));
      const result = resultOf(recipe, model, end, tested, backend);
      await run.writeResult(result);
      return { result, exitCode: 0 };
    } finally {
      run.release();
    }
  } finally {
    stop.release();
  }
}

/** What the images need before the network sees them: as it was decided when the run began, if the images are the same. */
async function decide(recipe: Recipe, images: Images, saved: SavedPreprocessing | null): Promise<SavedPreprocessing> {
  const { classes, train } = images;
  const trainedOn = (await train.fingerprint?.()) ?? null;
  if (!saved) return { classes, trainedOn, preprocessing: await preprocessingFor(recipe, train) };
  const [then, now] = [saved, { classes, trainedOn }].map((of) => JSON.stringify([of.classes, of.trainedOn]));
  if (then === now) return saved;
  throw new UsageError(
    `${recipe.data}: must hold the images that the run began with, got others (${train.length} of ${classes.length} classes). Put those back, or begin a run of its own by another --out.`,
  );
}

function goOn(directory: string, recipe: Recipe): Run {
  if (recipeHash(savedRecipe(directory)) !== recipeHash(recipe)) {
    throw new UsageError(`${directory}: holds a run of another recipe. Resume it as it is, or choose another --out.`);
  }
  return openRun(directory);
}

const savePreprocessing = ({ directory }: Run, decided: SavedPreprocessing): Promise<void> =>
  writeDurably(runFiles(directory).preprocessing, JSON.stringify(decided));

const lastEnd = (stream: Observable<TrainEvent>): Promise<EndEvent> =>
  lastValueFrom(stream.pipe(filter((event) => event.type === 'end')));

const resultOf = (
  recipe: Recipe,
  model: tf.LayersModel,
  end: EndEvent,
  tested: Evaluation,
  backend: Backend,
): RunResult => ({
  model: recipe.model,
  shortcut: recipe.model.startsWith('plain') ? 'none' : recipe.shortcut,
  parameters: model.trainableWeights.reduce(
    (sum, { shape }) => sum + shape.reduce<number>((n, d) => n * (d ?? 1), 1),
    0,
  ),
  steps: end.step,
  seed: recipe.seed,
  trainLoss: finite(end.trainLoss),
  trainError: finite(end.trainError),
  // Of the weights that were tested: the last, or the best where the run was stopped early.
  validationError: (end.test ? end.validation : end.best)?.error ?? null,
  testError: tested.error,
  testTop5Error: tested.top5Error,
  secondsPerStep: finite(end.secondsPerStep),
  imagesPerSecond: finite(end.imagesPerSecond),
  backend: `${backend.name}${backend.simd ? ` (${backend.simd})` : ''}${backend.threads ? `, ${backend.threads} threads` : ''}`,
  hardware: hardware(),
});

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
