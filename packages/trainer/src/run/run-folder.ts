import * as fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TrainError } from '../errors';
import { isTemporary, syncFolder, writeDurably } from '../node/write-durably';
import { moveDraft, prepareDraft } from './draft';
import { lockRun } from './lock';
import { lostCheckpoints } from './lost-checkpoints';
import { type RunPaths, runPaths } from './run-paths';

/** A folder is not what was asked for: one to create already holds something, one to open holds no run. */
export class RunFolderError extends TrainError {
  /** `RunFolderError`, in minified code too. */
  override name = 'RunFolderError';
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
 * Makes a run folder with its recipe and locks it. The folder appears whole or not at all.
 *
 * @param recipe Stored as JSON.
 * @throws RunFolderError if `directory` already holds something or cannot be written.
 */
export async function createRun(directory: string, recipe: object): Promise<Run> {
  const target = resolve(directory);
  if (await isMade(target, recipe)) return openRun(target);
  throw new RunFolderError(
    `createRun: the folder must be new or empty, got ${target}, which holds something. Resume that run or choose another folder.`,
  );
}

/** False if `target` already holds something. */
async function isMade(target: string, recipe: object): Promise<boolean> {
  let draft: string | null = null;
  try {
    draft = prepareDraft(target);
    fs.mkdirSync(runPaths(draft).checkpoints);
    await writeDurably(runPaths(draft).recipe, toJson(recipe));
    if (!moveDraft(draft, target)) return false;
    await syncFolder(dirname(target));
    return true;
  } catch (error) {
    if (draft !== null) fs.rmSync(draft, { recursive: true, force: true });
    throw new RunFolderError(
      `createRun: ${target} must be a folder that can be made and written, got ${String(error)}. Choose another or make room.`,
      { cause: error },
    );
  }
}

/**
 * Locks an existing run folder to go on with it and removes what crashed writers left half-written.
 *
 * @throws RunFolderError if `directory` holds no run, or one whose checkpoints are gone: it would begin anew over its logs.
 * @throws RunLockedError if another process writes it.
 */
export function openRun(directory: string): Run {
  const target = resolve(directory);
  const paths = runPaths(target);
  const recipe = readRecipe(paths.recipe);
  const { release } = lockRun(target);
  try {
    const lost = lostCheckpoints(paths);
    if (lost) throw new RunFolderError(lost);
    removeTemporaryFiles(target);
    removeTemporaryFiles(paths.checkpoints);
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

const toJson = (value: object): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

function readRecipe(path: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch (error) {
    throw new RunFolderError(
      `openRun: ${dirname(path)} must be a run with a readable recipe.json, got ${String(error)}. Check the path or start a new run.`,
      { cause: error },
    );
  }
}

/** What others put there, and folders, stay. */
function removeTemporaryFiles(folder: string): void {
  for (const entry of fs.existsSync(folder) ? fs.readdirSync(folder, { withFileTypes: true }) : []) {
    if (entry.isFile() && isTemporary(entry.name)) fs.rmSync(join(folder, entry.name), { force: true });
  }
}
