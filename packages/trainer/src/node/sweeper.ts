import { join } from 'node:path';
import type { FileSystem } from './file-system';

/** Removes those of a folder's files that `choose` picks from all names. Never fails: `warn` hears what stayed. */
export type Sweep = (
  choose: (names: readonly string[]) => readonly string[],
  warn?: (message: string) => void,
) => Promise<void>;

/** Sweeps `folder`. What cannot be removed harms nobody and is tried again each time, but told only once. */
export function sweeper(folder: string, fs: FileSystem): Sweep {
  const told = new Set<string>();
  return async (choose, warn = () => undefined) => {
    const tell = (path: string) => (error: unknown) => {
      if (told.has(path)) return;
      told.add(path);
      const reason = error instanceof Error ? error.message : error;
      warn(`fileCheckpoints: ${path} must be swept, got ${reason}. Remove by hand what is too old; training goes on.`);
    };
    const names = await fs.readdir(folder).catch(tell(folder));
    for (const name of choose(names ?? [])) {
      const path = join(folder, name);
      await fs.unlink(path).catch(tell(path));
    }
  };
}
