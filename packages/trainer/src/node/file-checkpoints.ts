import { join } from 'node:path';
import { type CheckpointStore, wanted } from '../checkpoint/store';
import { CheckpointError, TrainError } from '../errors';
import { type FileSystem, nodeFileSystem } from './file-system';
import { sweeper } from './sweeper';
import { isTemporary, writeDurably } from './write-durably';

/** Settings of `fileCheckpoints`. */
export interface FileCheckpointsOptions {
  /** How many of the last checkpoints stay, the best by validation apart. 2 by default. */
  keep?: number;
  /** What files are written with; Node's own by default. */
  fs?: FileSystem;
}

/** Keeps checkpoints as `step-00001234.safetensors` in a folder, which is made when the first is written. */
export function fileCheckpoints(folder: string, options: FileCheckpointsOptions = {}): CheckpointStore {
  const { keep = 2, fs = nodeFileSystem } = options;
  if (!Number.isInteger(keep) || keep < 1) {
    throw new TrainError(
      `fileCheckpoints: keep must be an integer of at least 1, got ${keep}. 2 survives a damaged one.`,
    );
  }
  const sweep = sweeper(folder, fs);

  return {
    list: async () => (await entries(folder, fs)).filter(isCheckpoint).sort((a, b) => stepOf(b) - stepOf(a)),
    read: (name) => readRegular(join(folder, name), fs),
    write: async ({ step, bytes, bestStep }, warn) => {
      await fs.mkdir(folder, { recursive: true });
      const name = nameOf(step);
      await writeDurably(join(folder, name), bytes, fs);
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

// Opening a pipe would wait for whoever writes it.
async function readRegular(path: string, fs: FileSystem): Promise<Uint8Array> {
  if ((await fs.stat(path)).isFile()) return fs.readFile(path);
  throw new CheckpointError(`fileCheckpoints: ${path} must be a regular file, got something else. Move it away.`);
}

async function entries(folder: string, fs: FileSystem): Promise<string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
