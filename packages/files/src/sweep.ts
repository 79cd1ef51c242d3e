import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FileError } from './file-error';
import { type FileSystem, nodeFileSystem } from './file-system';
import { namesIn, namesInSync } from './folder';
import type { Trust } from './regular';
import { isTemporary, ownerState } from './temporary-name';

/** Removes those of a folder's files that `choose` picks from all names. Never fails: `warn` hears what stayed. */
export type Sweep = (
  choose: (names: readonly string[]) => readonly string[],
  warn?: (message: string) => void,
) => Promise<void>;

/**
 * Sweeps files of `folder`. What cannot be removed does no harm: it is tried again each time and reported once.
 *
 * @param trust Unless links are followed, a folder that is a link is left alone, and it is said.
 */
export function sweeper(folder: string, trust: Trust = {}, system: FileSystem = nodeFileSystem): Sweep {
  const { who = 'sweep' } = trust;
  const told = new Set<string>();
  return async (choose, warn = () => undefined) => {
    const tell = (path: string) => (error: unknown) => {
      if (told.has(path)) return;
      told.add(path);
      const must = 'be removable';
      const { message } = error instanceof FileError ? error : new FileError({ who, path, must, got: error });
      warn(`${message} The work goes on.`);
    };
    const names = await namesIn(folder, { ...trust, who }, system).catch(tell(folder));
    for (const name of choose(names ?? [])) {
      const path = join(folder, name);
      await system.unlink(path).catch(tell(path));
    }
  };
}

/**
 * Removes the temporary files and folders (of {@link temporaryName}) that ended processes left in a folder; those of processes that
 * cannot be asked from here, when they are a day old. Never fails: a cache may be shared, and hold what is another user's.
 */
export function sweepAbandoned(folder: string, trust: Trust = {}): void {
  for (const name of quietly(() => namesInSync(folder, trust)) ?? []) {
    const path = join(folder, name);
    if (isTemporary(name) && isAbandoned(name, path)) quietly(() => rmSync(path, { recursive: true, force: true }));
  }
}

const DAY = 24 * 60 * 60 * 1000;

function isAbandoned(name: string, path: string): boolean {
  const state = ownerState(name);
  if (state !== 'unknown') return state === 'gone';
  const facts = quietly(() => lstatSync(path));
  return facts !== null && Date.now() - facts.mtimeMs > DAY;
}

function quietly<T>(call: () => T): T | null {
  try {
    return call();
  } catch {
    return null;
  }
}
