import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSystem, nodeFileSystem } from './file-system';
import { requireFolder } from './folder';
import { reasonOf } from './next-move';
import { printable } from './printable';
import type { Trust } from './regular';
import { isTemporary, ownerState } from './temporary-name';

/** Removes those of a folder's files that `choose` picks from all names. Never fails: `warn` hears what stayed. */
export type Sweep = (
  choose: (names: readonly string[]) => readonly string[],
  warn?: (message: string) => void,
) => Promise<void>;

/**
 * Sweeps files of `folder`. What cannot be removed harms nobody and is tried again each time, but told only once.
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
      warn(
        printable(
          `${who}: ${path} must be swept, got ${reasonOf(error)}. Remove by hand what is too old; the work goes on.`,
        ),
      );
    };
    const names = await requireFolder(folder, trust, system)
      .then(() => system.readdir(folder))
      .catch(tell(folder));
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
export async function sweepAbandoned(folder: string, trust: Trust = {}): Promise<void> {
  const names = await requireFolder(folder, trust)
    .then(() => nodeFileSystem.readdir(folder))
    .catch(() => []);
  for (const name of names) {
    const path = join(folder, name);
    if (isTemporary(name) && (await isAbandoned(name, path)))
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

const DAY = 24 * 60 * 60 * 1000;

async function isAbandoned(name: string, path: string): Promise<boolean> {
  const state = ownerState(name);
  if (state !== 'unknown') return state === 'gone';
  const facts = await nodeFileSystem.lstat(path).catch(() => null);
  return facts !== null && Date.now() - facts.mtimeMs > DAY;
}
