import { SafetensorsError } from '@resnet/safetensors';
import { CheckpointError } from '../errors';
import { type CheckpointContents, decodeCheckpoint } from './contents';
import type { CheckpointStore } from './store';

/** A checkpoint that could be read. */
export interface FoundCheckpoint {
  /** As the store lists it. */
  readonly name: string;
  /** All of it, its SHA-256 checked. */
  readonly contents: CheckpointContents;
}

/**
 * Reads the newest checkpoint that is whole.
 *
 * @param damaged Called with a message for each newer one that is damaged or cannot be read.
 * @param check Throws a CheckpointError for one that is whole and cannot be used; it is passed over, too.
 * @returns null if the store is empty.
 * @throws CheckpointError if there are checkpoints, but none is whole.
 */
export async function newestCheckpoint(
  store: CheckpointStore,
  damaged: (message: string) => void,
  check: (contents: CheckpointContents) => void = () => {},
): Promise<FoundCheckpoint | null> {
  const names = await store.list();
  for (const name of names) {
    const contents = await readWhole(store, name, damaged, check);
    if (contents) return { name, contents };
  }
  if (names.length === 0) return null;
  throw new CheckpointError(
    `train: at least one checkpoint must be whole, got ${names.length} that are damaged or cannot be read. Put a whole one back, or begin anew in another folder.`,
  );
}

/**
 * Reads the checkpoint of the best validation so far, as the newest one knows it.
 *
 * @param damaged Called with a message for each that is damaged or cannot be read. Default: ignored.
 * @returns null if the store is empty, nothing was validated yet, or the best is damaged or gone.
 */
export async function bestCheckpoint(
  store: CheckpointStore,
  damaged: (message: string) => void = () => undefined,
): Promise<FoundCheckpoint | null> {
  const last = await newestCheckpoint(store, damaged);
  const wanted = last?.contents.progress.best?.step;
  if (!last || wanted === undefined) return null;
  if (last.contents.progress.step === wanted) return last;
  for (const name of await store.list()) {
    if (name === last.name) continue;
    const contents = await readWhole(store, name, damaged);
    if (contents?.progress.step === wanted) return { name, contents };
  }
  return null;
}

async function readWhole(
  store: CheckpointStore,
  name: string,
  damaged: (message: string) => void,
  check: (contents: CheckpointContents) => void = () => {},
): Promise<CheckpointContents | null> {
  const bytes = await store.read(name).catch((error: unknown) => {
    damaged(`checkpoint ${name} cannot be read and was passed over: ${error instanceof Error ? error.message : error}`);
    return null;
  });
  if (bytes === null) return null;
  try {
    const contents = await decodeCheckpoint(bytes);
    check(contents);
    return contents;
  } catch (error) {
    if (!(error instanceof CheckpointError || error instanceof SafetensorsError)) throw error;
    damaged(`checkpoint ${name} is damaged and was passed over: ${error.message}`);
    return null;
  }
}
