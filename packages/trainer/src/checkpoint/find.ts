import { SafetensorsError } from '@resnet/safetensors';
import { CheckpointError } from '../errors';
import { type Contents, decode } from './contents';
import type { CheckpointStore } from './store';

/** A checkpoint that could be read. */
export interface Found {
  readonly name: string;
  readonly contents: Contents;
}

/**
 * Reads the newest checkpoint that is whole.
 *
 * @param damaged Told of each newer one that is not.
 * @returns null if the store is empty.
 * @throws CheckpointError if there are checkpoints, but none is whole.
 */
export async function newest(store: CheckpointStore, damaged: (message: string) => void): Promise<Found | null> {
  const names = await store.list();
  for (const name of names) {
    try {
      return { name, contents: await decode(await store.read(name)) };
    } catch (error) {
      if (!(error instanceof CheckpointError || error instanceof SafetensorsError)) throw error;
      damaged(`checkpoint ${name} is damaged and was passed over: ${error.message}`);
    }
  }
  if (names.length === 0) return null;
  throw new CheckpointError(
    `train: at least one checkpoint must be whole, got ${names.length} damaged. Move them away to begin anew.`,
  );
}
