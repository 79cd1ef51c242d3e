import { join } from 'node:path';
import {
  type FileSystem,
  isTemporary,
  namesIn,
  nodeFileSystem,
  readBytes,
  requireFolder,
  sweeper,
  writeDurably,
} from '@resnet/files';
import { type CheckpointStore, wanted } from '../checkpoint/store';
import { TrainError } from '../errors';

/** Settings of `fileCheckpoints`. */
export interface FileCheckpointsOptions {
  /** How many of the last checkpoints stay, the best by validation apart. 2 by default. */
  keep?: number;
  /** What files are written with; Node's own by default. */
  fs?: FileSystem;
}

const trust = { who: 'fileCheckpoints' };

/**
 * Keeps checkpoints as `step-00001234.safetensors` in a folder, which is made when the first is written. A folder that is a link, and
 * files that are links, are refused: a run folder may be a stranger's.
 */
export function fileCheckpoints(folder: string, options: FileCheckpointsOptions = {}): CheckpointStore {
  const { keep = 2, fs = nodeFileSystem } = options;
  if (!Number.isInteger(keep) || keep < 1) {
    throw new TrainError(
      `fileCheckpoints: keep must be an integer of at least 1, got ${keep}. 2 survives a damaged one.`,
    );
  }
  const sweep = sweeper(folder, trust, fs);
  const names = () => namesIn(folder, trust, fs);

  return {
    list: async () => (await names()).filter(isCheckpoint).sort((a, b) => stepOf(b) - stepOf(a)),
    read: async (name) => {
      await requireFolder(folder, trust, fs);
      return readBytes(join(folder, name), trust, fs);
    },
    write: async ({ step, bytes, bestStep }, warn) => {
      await fs.mkdir(folder, { recursive: true });
      await requireFolder(folder, trust, fs);
      const name = nameOf(step);
      await writeDurably(join(folder, name), bytes, trust, fs);
      await sweep((all) => {
        const kept = wanted(all.filter(isCheckpoint).map(stepOf), step, keep, bestStep);
        return all.filter((other) => isLeftover(other) || (isCheckpoint(other) && !kept.has(stepOf(other))));
      }, warn);
      return name;
    },
  };
}

const nameOf = (step: number): string => `step-${String(step).padStart(8, '0')}.safetensors`;
/** Whether a name is that of a checkpoint's file. */
export const isCheckpoint = (name: string): boolean => /^step-\d+\.safetensors$/.test(name);
const isLeftover = (name: string): boolean => name.startsWith('step-') && isTemporary(name);
const stepOf = (name: string): number => Number(/\d+/.exec(name)?.[0]);
