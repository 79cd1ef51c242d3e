import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FileError } from './file-error';
import { type FileSystem, nodeFileSystem } from './file-system';
import { namesIn, namesInSync } from './folder';
import type { Trust } from './regular';
import { isTemporary, ownerState } from './temporary-name';

/** Removes the files of a folder that `choose` picks from all names. Never fails: what cannot be removed is passed to `warn`. */
export type Sweep = (
  choose: (names: readonly string[]) => readonly string[],
  warn?: (message: string) => void,
) => Promise<void>;

/**
 * Makes a {@link Sweep} of `folder`. Files that cannot be removed are tried again each time and reported once.
 *
 * @param trust Unless links are followed, a folder that is a link is not swept, with a warning.
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
      warn(`${message} Nothing else is affected.`);
    };
    const names = await namesIn(folder, { ...trust, who }, system).catch(tell(folder));
    for (const name of choose(names ?? [])) {
      const path = join(folder, name);
      await system.unlink(path).catch(tell(path));
    }
  };
}

/**
 * Removes the temporary files and folders (of {@link temporaryName}) that ended processes left in a folder. Those of processes that
 * cannot be checked from here are removed after a day. Never fails, since a cache may hold files of other users.
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
