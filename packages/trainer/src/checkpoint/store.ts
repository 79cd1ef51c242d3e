/** Where checkpoints are kept: a folder (`fileCheckpoints` of `@resnet/trainer/node`), memory, a browser's database. */
export interface CheckpointStore {
  /** Names of what is there, the one with the highest step first. */
  list(): Promise<readonly string[]>;
  /** The bytes of one of them. */
  read(name: string): Promise<Uint8Array>;
  /**
   * Stores a checkpoint so that a crash at any moment leaves either all of it or nothing, and discards what is no
   * longer wanted, including any later than this one, which another continuation of the run left behind.
   *
   * @param warn Called with a message for each that could not be discarded; the write succeeds all the same.
   * @returns Its name.
   */
  write(checkpoint: StoredCheckpoint, warn?: (message: string) => void): Promise<string>;
}

/** A checkpoint on its way into a store. */
export interface StoredCheckpoint {
  /** Iterations done; a store has one checkpoint a step. */
  readonly step: number;
  /** All of the file, as `encode` makes it. */
  readonly bytes: Uint8Array;
  /** The step of the best checkpoint by validation, to be kept beyond the last few. */
  readonly bestStep: number | null;
}

/** Steps of which checkpoints are kept after one was written at `step`: the last `keep`, and the best. */
export function wanted(steps: readonly number[], step: number, keep: number, bestStep: number | null): Set<number> {
  const past = steps.filter((other) => other <= step).sort((a, b) => b - a);
  return new Set([...past.slice(0, keep), ...past.filter((other) => other === bestStep)]);
}

/** Keeps checkpoints in memory: for tests, and for pages that only want to go back within a session. */
export function memoryCheckpoints({ keep = 2 } = {}): CheckpointStore {
  const stored = new Map<number, Uint8Array>();
  return {
    list: async () => [...stored.keys()].sort((a, b) => b - a).map(String),
    read: async (name) => stored.get(Number(name))!.slice(),
    write: async ({ step, bytes, bestStep }) => {
      stored.set(step, bytes);
      const kept = wanted([...stored.keys()], step, keep, bestStep);
      for (const other of stored.keys()) if (!kept.has(other)) stored.delete(other);
      return String(step);
    },
  };
}
