import { dirname, resolve } from 'node:path';
import {
  acquireLock,
  discard,
  isThere,
  makeFolder,
  moveDurably,
  nextMove,
  parseJson,
  readTextSync,
  reasonOf,
  sweepAbandoned,
  temporaryName,
  writeDurably,
} from '@resnet/files';
import { TrainError } from '../errors';
import { hasCheckpoint, lostCheckpoints } from './lost-checkpoints';
import { requireRunFolder } from './require-run-folder';
import { type RunPaths, runPaths } from './run-paths';

/** A folder is not what was asked for: one to create already holds something, one to open holds no run. */
export class RunFolderError extends TrainError {
  /** `RunFolderError`, in minified code too. */
  override name = 'RunFolderError';
  /** The caller can avoid it: the `resnet` command exits with 2. */
  readonly usage = true;
}

/** A run folder this process may write. */
export interface Run {
  /** Absolute path of the folder. */
  readonly directory: string;
  /** Where its parts lie or will lie, absolute. */
  readonly paths: RunPaths;
  /** What `recipe.json` holds. */
  readonly recipe: unknown;
  /** Stores what came out as JSON, which makes the run a finished one. */
  writeResult(result: object): Promise<void>;
  /** Lets others write. Also done when the process exits; calling it again does nothing. */
  release(): void;
}

/**
 * Makes a run folder with its recipe and locks it. The folder appears whole or not at all. A folder that holds a run without
 * a stored step, such as one that ran out of memory in its first, is begun anew: its recipe is replaced.
 *
 * @param recipe Stored as JSON.
 * @throws RunFolderError if `directory` already holds something or cannot be written.
 * @throws LockedError of `@resnet/files` if another process writes such a run.
 */
export async function createRun(directory: string, recipe: object): Promise<Run> {
  const target = resolve(directory);
  if (await isMade(target, recipe)) return openRun(target);
  if (!holdsRun(target) || isBegun(target)) throw holdsSomething(target);
  return beginAnew(target, recipe);
}

/** Whether a folder holds a run that has something to go on from: a stored step, or a result. */
export function isBegun(directory: string): boolean {
  const paths = runPaths(resolve(directory));
  if (!holdsRun(directory)) return false;
  return isThere(paths.result) || hasCheckpoint(paths) || lostCheckpoints(paths) !== null;
}

const holdsRun = (directory: string): boolean => isThere(runPaths(resolve(directory)).recipe);

async function beginAnew(target: string, recipe: object): Promise<Run> {
  const run = openRun(target);
  try {
    // Under the lock: another process may have trained in the meantime.
    if (isBegun(target)) throw holdsSomething(target);
    await writeDurably(run.paths.recipe, toJson(recipe));
    return { ...run, recipe: JSON.parse(toJson(recipe)) };
  } catch (error) {
    run.release();
    throw error;
  }
}

const holdsSomething = (target: string): RunFolderError =>
  new RunFolderError(
    `createRun: the folder must be new, empty or of a run without a stored step, got ${target}, which holds something. Resume that run or choose another folder.`,
  );

/** False if `target` already holds something. */
async function isMade(target: string, recipe: object): Promise<boolean> {
  const draft = temporaryName(target);
  try {
    await makeFolder(dirname(target));
    sweepAbandoned(dirname(target), { links: 'follow' });
    await makeFolder(runPaths(draft).checkpoints);
    await writeDurably(runPaths(draft).recipe, toJson(recipe));
    return await isMoved(draft, target);
  } catch (error) {
    await discard(draft);
    throw new RunFolderError(
      `createRun: ${target} must be a folder that can be made and written, got ${reasonOf(error)}. ${nextMove(error)}`,
      { cause: error },
    );
  }
}

/** Moves a draft to its place. False, and the draft is gone, if the place already holds something. */
async function isMoved(draft: string, target: string): Promise<boolean> {
  try {
    await moveDurably(draft, target);
    return true;
  } catch (error) {
    if (!isThere(draft) || !isThere(target)) throw error;
    await discard(draft);
    return false;
  }
}

/**
 * Locks an existing run folder to go on with it and removes what crashed writers left half-written.
 *
 * @throws RunFolderError if `directory` holds no run, or one whose checkpoints are gone: it would begin anew over its logs.
 * @throws LockedError of `@resnet/files` if another process writes it; FileError if a part of it is a link, a pipe or a device.
 */
export function openRun(directory: string): Run {
  const target = resolve(directory);
  const paths = runPaths(target);
  requireRunFolder(target);
  const recipe = readRecipe(paths.recipe);
  const { release } = acquireLock(paths.lock);
  try {
    const lost = lostCheckpoints(paths);
    if (lost) throw new RunFolderError(lost);
    sweepAbandoned(target, { links: 'follow' });
    sweepAbandoned(paths.checkpoints);
  } catch (error) {
    release();
    throw error;
  }
  return {
    directory: target,
    paths,
    recipe,
    writeResult: (result) => writeDurably(paths.result, toJson(result)),
    release,
  };
}

const toJson = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

function readRecipe(path: string): unknown {
  try {
    return parseJson(readTextSync(path));
  } catch (error) {
    throw new RunFolderError(
      `openRun: ${dirname(path)} must be a run with a readable recipe.json, got ${reasonOf(error)}. Check the path or start a new run.`,
      { cause: error },
    );
  }
}
