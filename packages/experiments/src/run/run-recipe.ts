import { existsSync } from 'node:fs';
import type { Backend } from '@resnet/backend';
import { type BatchOptions, BrokenImageError } from '@resnet/data';
import { writeDurably } from '@resnet/files';
import { exportSafetensors } from '@resnet/models';
import {
  bestCheckpoint,
  type EndEvent,
  type Evaluation,
  evaluate,
  restoreWeights,
  type TrainEvent,
} from '@resnet/trainer';
import { createRun, fileCheckpoints, onStopRequest, openRun, type Run, runPaths } from '@resnet/trainer/node';
import type * as tf from '@tensorflow/tfjs';
import { filter, lastValueFrom, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { UsageError } from '../errors';
import { collectAnswers } from '../evaluation/answers';
import { preprocessingFor } from '../evaluation/preprocessing';
import type { RunReportParts } from '../findings/run-report';
import type { OnNote } from '../note';
import { inIterations } from '../recipe/length';
import type { Recipe } from '../recipe/schema';
import { toMetadata } from '../weights/metadata';
import { startFromWeights } from '../weights/start-from';
import { streamsOf, workersFor } from './batches';
import { fingerprintOfOthers, logBrokenImages } from './broken-images';
import { describeEnvironment } from './environment';
import { openRunImages, type RunImages } from './images';
import { type NetworkBuilder, networkOf } from './network';
import { type RunResult, resultFrom } from './result';
import { runFiles } from './run-files';
import { samplesOf } from './samples';
import { loadRun, type PreprocessingFile, recipeHash, requireRun, type SavedRun, trainsTheSame } from './saved-run';
import { startBackend } from './start-backend';
import { trainingOf } from './training';
import { watchLayers } from './watch-layers';

/** Settings of {@link runRecipe}. */
export interface RunRecipeOptions {
  /** The run folder. Nothing is written there before the recipe and the images are checked. */
  directory: string;
  /** Resumes the run in `directory` if there is one. Default: false; then a folder that holds a run is an error. */
  resume?: boolean;
  /** Aborting stops the run after the current step, with a checkpoint. */
  signal?: AbortSignal;
  /** Receives progress lines besides the events of training. */
  onNote?: OnNote;
  /** An operator on the events of training, such as a progress bar; see `@resnet/trainer/node`. */
  watch?: MonoTypeOperatorFunction<TrainEvent>;
  /** Makes the network. Default: the recipe's. */
  network?: NetworkBuilder;
}

/** How a run ended. */
export type RunOutcome =
  | {
      /** All steps were trained, or patience ran out; the network was evaluated and saved. */
      readonly status: 'finished';
      /** Contents of `result.json`. */
      readonly result: RunResult;
    }
  | {
      /** The signal stopped the run, with a checkpoint to resume from. */
      readonly status: 'stopped';
    };

/**
 * Trains by a recipe in a run folder: logged, resumable bit for bit, evaluated on the test images at the end. A finished run is not
 * changed.
 *
 * @throws UsageError for a wrong recipe, and for images or a recipe other than those that the run started with; the errors of
 *   `useBackend`, `openSource` and `train`.
 */
export async function runRecipe(asked: Recipe, options: RunRecipeOptions): Promise<RunOutcome> {
  const { directory, resume = false, onNote = () => {}, network = networkOf } = options;
  const resumes = resume && existsSync(directory);
  if (resumes) requireRun(directory);
  const saved = resumes ? sameRun(loadRun(directory, onNote), asked) : null;
  if (saved?.result) {
    onNote(`${directory}: the run is finished, nothing is left to do`);
    return { status: 'finished', result: saved.result };
  }
  const backend = await startBackend(asked);
  onNote(`backend: ${backend.name}${backend.threads ? `, ${backend.threads} threads` : ''}`);
  // Check everything before anything is written.
  const images = await openRunImages(asked, onNote);
  const recipe = inIterations(asked, images.train.length, onNote);
  const skips = recipe.onBrokenImage === 'skip';
  const broken = logBrokenImages(directory, images.train, saved?.brokenImages ?? null, skips ? onNote : () => {});
  const onBrokenImage = skips ? broken.add : 'stop';
  const prepared = await prepare(recipe, images, saved, onBrokenImage, onNote);
  const workers = workersFor(recipe, images.train, backend.threads ?? null);
  onNote(`data: ${images.train.length.toLocaleString('en-US')} training images, ${workers} workers`);
  const streams = await streamsOf({ ...recipe, workers }, images, prepared.preprocessing, onBrokenImage);
  const model = await network(recipe, images.classes.length, prepared.preprocessing.imageSize);
  await startFromWeights(model, recipe, images.classes, onNote);
  const pictures = saved ? {} : await samplesOf(images.train, streams.augment, recipe);
  const hash = saved?.hash ?? recipeHash(recipe);
  const layers = recipe.watchLayers > 0 ? await watchLayers(model, images.train, prepared.preprocessing) : undefined;
  const { images: answers, onScores } = collectAnswers();
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])]);
  const events = trainingOf({ ...options, signal, recipe, hash, model, streams, pictures, layers, onScores });
  const run = saved ? openRun(directory) : await createRun(directory, { recipe, environment: describeEnvironment() });
  const release = await onStopRequest(directory, () => stopping.abort());
  try {
    await savePreprocessing(run, prepared);
    broken.begin();
    for (const { png } of Object.values(pictures)) await writeDurably(runFiles(directory).samples, png);
    const end = await lastEnd(events);
    if (end.reason === 'aborted') return { status: 'stopped' };
    if (end.reason === 'stopped-early')
      onNote(`stopped early at step ${end.step}; took the best weights by validation`);
    else if (recipe.finalWeights === 'best' && end.best) await takeBest(model, directory, end.best.step, onNote);
    // Stopped early, or evaluated with its best weights, the run ended before its evaluation.
    const test = end.test ?? (await evaluate(model, streams.test(), { onScores }));
    const result = await finish(run, recipe, model, { end, test, backend, prepared });
    await report({ directory, recipe, result, images, answers }, onNote);
    return { status: 'finished', result };
  } catch (error) {
    // So that the run can go on when the image is repaired.
    if (error instanceof BrokenImageError) broken.add(error);
    throw error;
  } finally {
    release();
    layers?.dispose();
    await broken.settled().finally(() => run.release());
  }
}

/** Puts the weights of the best validation into the model. */
async function takeBest(model: tf.LayersModel, directory: string, step: number, onNote: OnNote): Promise<void> {
  const found = await bestCheckpoint(fileCheckpoints(runPaths(directory).checkpoints));
  if (!found) return;
  restoreWeights(model, found.contents);
  onNote(`took the weights of step ${step}, the best by validation`);
}

/** The saved run, if it is of this recipe. A length in epochs was converted to iterations when it started. */
function sameRun(saved: SavedRun, recipe: Recipe): SavedRun {
  const { epochs, steps, schedule, validateEvery } = saved.recipe;
  const counted = {
    ...recipe,
    ...(recipe.epochs !== null && recipe.epochs === epochs && { steps, schedule }),
    ...(recipe.validateEvery === 'epoch' && { validateEvery }),
  };
  if (trainsTheSame(saved.recipe, counted)) return saved;
  throw new UsageError(
    `${saved.directory}: must hold a run of this recipe, got one of another. Resume that as it is, or choose another directory.`,
    { option: 'directory' },
  );
}

/** Classes and preprocessing, decided when the run starts. A resumed run must have the same images, except broken ones that were repaired. */
async function prepare(
  recipe: Recipe,
  images: RunImages,
  run: SavedRun | null,
  onBrokenImage: BatchOptions['onBrokenImage'],
  onNote: OnNote,
): Promise<PreprocessingFile> {
  const { classes, train } = images;
  const trainedOn = (await train.fingerprint?.()) ?? null;
  const saved = run?.prepared;
  if (!saved) return { classes, trainedOn, preprocessing: await preprocessingFor(recipe, train, onBrokenImage) };
  const [then, now] = [saved, { classes, trainedOn }].map((of) => JSON.stringify([of.classes, of.trainedOn]));
  if (then === now) return saved;
  const { files = [], others = null } = run.brokenImages ?? {};
  const sameClasses = JSON.stringify(classes) === JSON.stringify(saved.classes);
  if (sameClasses && others !== null && (await fingerprintOfOthers(train, files)) === others) {
    onNote(`${recipe.data}: images that were broken have changed since the run began; the others are the same`);
    return { ...saved, trainedOn };
  }
  throw new UsageError(
    `${recipe.data}: must hold the images that the run began with, got others (${train.length} of ${classes.length} classes). Restore those, or start a new run in another directory.`,
    { option: 'directory' },
  );
}

const savePreprocessing = ({ directory }: Run, prepared: PreprocessingFile): Promise<void> =>
  writeDurably(runFiles(directory).preprocessing, JSON.stringify(prepared));

const lastEnd = (stream: Observable<TrainEvent>): Promise<EndEvent> =>
  lastValueFrom(stream.pipe(filter((event) => event.type === 'end')));

async function finish(
  run: Run,
  recipe: Recipe,
  model: tf.LayersModel,
  measured: { end: EndEvent; test: Evaluation; backend: Backend; prepared: PreprocessingFile },
): Promise<RunResult> {
  const weights = await exportSafetensors(model, toMetadata({ model: recipe.model, ...measured.prepared }));
  await writeDurably(runFiles(run.directory).weights, weights);
  const result = resultFrom(recipe, model, measured);
  await run.writeResult(result);
  return result;
}

/** The result is safe by now: a report that cannot be written is told, and fails nothing. */
async function report(parts: RunReportParts, onNote: OnNote): Promise<void> {
  try {
    // Loaded here, so that a training run does not wait for plots.
    const { writeRunReport } = await import('../findings/run-report');
    onNote(`report: ${await writeRunReport(parts)}`);
  } catch (error) {
    onNote(`the report could not be written: ${error instanceof Error ? error.message : error}`);
  }
}
