import { join } from 'node:path';
import { requireFileSync, requireFolderSync } from '@resnet/files';
import { runPaths } from './run-paths';

/**
 * Makes sure, before anything is read or written, that the parts of a run folder are regular files with one name, and that its
 * checkpoints lie in a folder of its own. A run folder may be a stranger's: going on with it appends to its logs, cuts them, and removes
 * old checkpoints, which must not reach through links to other files.
 *
 * @param more Names of other files that are going to be read or written there.
 * @throws FileError naming the part that is anything else.
 */
export function requireRunFolder(directory: string, more: readonly string[] = []): void {
  const trust = { who: 'openRun' };
  const { checkpoints, lock: _, ...files } = runPaths(directory);
  requireFolderSync(checkpoints, trust);
  const parts = [...Object.values(files), ...more.map((name) => join(directory, name))];
  for (const path of parts) requireFileSync(path, trust);
}
