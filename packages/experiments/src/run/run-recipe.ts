import { existsSync } from 'node:fs';
import { normalizeTogether } from '@resnet/blocks';
import { type BatchOptions, BrokenImageError } from '@resnet/data';
import type { DataParallel } from '@resnet/distributed';
import { writeDurably } from '@resnet/files';
import { exportSafetensors } from '@resnet/models';
import { bestCheckpoint, type EndEvent, evaluate, restoreWeights, type TrainEvent } from '@resnet/trainer';
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
import { evaluationBatch, streamsOf, workersFor } from './batches';
import { fingerprintOfOthers, logBrokenImages } from './broken-images';
import { describeEnvironment } from './environment';
import { openRunImages, type RunImages } from './images';
import { mergeParts } from './merge-parts';
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
  /** The processes that train together, as {@link joinProcesses} gives them: each calls this with the same recipe, and rank 0 writes. Null and left out: this one alone. */
  parallel?: DataParallel | null;
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
  const { directory, onNote: note = () => {}, network = networkOf, parallel = null } = options;
  const isRoot = !parallel || parallel.rank === 0;
  const onNote = isRoot ? note : () => {};
  const onRoot = parallel?.onRoot ?? alone;
  let saved: SavedRun | null = null;
  const begun = await onRoot(() => {
    saved = begunRun(asked, { ...options, onNote });
    return saved && { hash: saved.hash, result: saved.result };
  });
  if (begun?.result) {
    onNote(`${directory}: the run is finished, nothing is left to do`);
    return { status: 'finished', result: begun.result };
  }
  const threads = asked.threads ?? parallel?.threads.count ?? null;
  const backend = await startBackend({ ...asked, threads });
  onNote(`backend: ${backend.name}${backend.threads ? `, ${backend.threads} threads` : ''}`);
  // Check everything before anything is written.
  const open = () => openRunImages(asked, onNote);
  const images = await (parallel?.oneByHostFirst(open) ?? open());
  const recipe = inIterations(asked, images.train.length, onNote);
  const skips = recipe.onBrokenImage === 'skip';
  const known = (saved as SavedRun | null)?.brokenImages ?? null;
  const broken = logBrokenImages(directory, images.train, known, skips ? onNote : () => {});
  const onBrokenImage = skips ? broken.add : 'stop';
  const prepared = await onRoot(() => prepare(recipe, images, saved, onBrokenImage, onNote));
  if (parallel) await requireSame(parallel, recipe, images);
  const workers = workersFor(recipe, images.train, backend.threads ?? null, parallel?.threads.sharing);
  onNote(`data: ${images.train.length.toLocaleString('en-US')} training images, ${workers} workers`);
  const share = parallel && { rank: parallel.rank, size: parallel.size };
  const streams = await streamsOf({ ...recipe, workers }, images, prepared.preprocessing, onBrokenImage, share);
  const model = await network(recipe, images.classes.length, prepared.preprocessing.imageSize);
  await startFromWeights(model, recipe, images.classes, onNote);
  const pictures = begun || !isRoot ? {} : await samplesOf(images.train, streams.augment, recipe);
  const hash = begun?.hash ?? recipeHash(recipe);
  const watches = recipe.watchLayers > 0 && isRoot;
  const layers = watches ? await watchLayers(model, images.train, prepared.preprocessing) : undefined;
  const { images: own, onScores } = collectAnswers();
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])]);
  const events = trainingOf({ ...options, signal, recipe, hash, model, streams, pictures, layers, onScores });
  let run: Run | undefined;
  let release = () => {};
  await onRoot(async () => {
    run = begun ? openRun(directory) : await createRun(directory, { recipe, environment: describeEnvironment() });
    release = await onStopRequest(directory, () => stopping.abort());
  });
  const apart = parallel && recipe.syncStatistics ? normalizeTogether(parallel.statistics) : () => {};
  try {
    await onRoot(async () => {
      await savePreprocessing(run!, prepared);
      broken.begin();
      for (const { png } of Object.values(pictures)) await writeDurably(runFiles(directory).samples, png);
    });
    const end = await lastEnd(events);
    if (end.reason === 'aborted') return { status: 'stopped' };
    if (end.reason === 'stopped-early')
      onNote(`stopped early at step ${end.step}; took the best weights by validation`);
    else if (recipe.finalWeights === 'best' && end.best)
      await takeBest(model, directory, end.best.step, parallel, onNote);
    // Stopped early, or evaluated with its best weights, the run ended before its evaluation.
    const test = end.test ?? (await evaluate(model, streams.test(), { parallel, onScores }));
    const result = resultFrom(recipe, model, { end, test, backend, processes: parallel?.size ?? 1 });
    const answers = parallel ? mergeParts(await parallel.world.gather(own), evaluationBatch(parallel.size)) : own;
    await onRoot(async () => {
      await finish(run!, recipe, model, prepared, result);
      await report({ directory, recipe, result, images, answers }, onNote);
    });
    return { status: 'finished', result };
  } catch (error) {
    // So that the run can go on when the image is repaired.
    if (error instanceof BrokenImageError && isRoot) broken.add(error);
    throw error;
  } finally {
    apart();
    release();
    layers?.dispose();
    await broken.settled().finally(() => run?.release());
  }
}

/** What rank 0 does for all, where there is no other. */
const alone = async <T>(work: () => T | Promise<T>): Promise<T> => work();

/** The run in the folder, if it is to be resumed and there is one. */
function begunRun(recipe: Recipe, { directory, resume = false, onNote }: RunRecipeOptions): SavedRun | null {
  if (!resume || !existsSync(directory)) return null;
  requireRun(directory);
  return sameRun(loadRun(directory, onNote), recipe);
}

/** Refuses processes that would train something else. */
async function requireSame(parallel: DataParallel, recipe: Recipe, { classes, train }: RunImages): Promise<void> {
  const { resnet, tensorflow } = describeEnvironment();
  await parallel.requireSame({
    'version of @resnet/experiments': resnet,
    'version of TensorFlow.js': tensorflow,
    recipe: recipeHash({ ...recipe, data: null }),
    'data set': `${train.length} images of ${classes.length} classes (${(await train.fingerprint?.()) ?? 'unknown'})`,
  });
}

/** Puts the weights of the best validation into the model. */
async function takeBest(
  model: tf.LayersModel,
  directory: string,
  step: number,
  parallel: DataParallel | null,
  onNote: OnNote,
): Promise<void> {
  const files = fileCheckpoints(runPaths(directory).checkpoints);
  const found = await bestCheckpoint(parallel?.checkpoints(files) ?? files);
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
  prepared: PreprocessingFile,
  result: RunResult,
): Promise<void> {
  const weights = await exportSafetensors(model, toMetadata({ model: recipe.model, ...prepared }));
  await writeDurably(runFiles(run.directory).weights, weights);
  await run.writeResult(result);
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
