import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeStale, temporaryName } from './cache';
import { CacheError, DataError } from './errors';
import type { Source } from './source';

/**
 * Unpacks the wanted files of an archive into a folder, whole or not at all. Names were checked when the source was read.
 *
 * @param target A folder named by the archive's content; one that is there already is complete.
 * @throws CacheError where there is no room, or no right to write.
 */
export async function extractOnce(source: Source, target: string, wanted: (path: string) => boolean): Promise<void> {
  if (await exists(target)) return;
  const temporary = temporaryName(target);
  try {
    await mkdir(dirname(target), { recursive: true });
    await removeStale(dirname(target));
    for await (const { path, bytes } of source.read(wanted)) {
      const file = join(temporary, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes, { flag: 'wx' });
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    // Another process may have finished the same folder first.
    if (!(await exists(target))) throw error instanceof DataError ? error : new CacheError(target, error);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
