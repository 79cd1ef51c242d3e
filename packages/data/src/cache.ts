import { mkdir, open, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CacheError } from './errors';
import { removeStale, temporaryName } from './temporary';

/** The folder for downloads and packs: `RESNET_CACHE`, else the platform's cache folder. Not made before something is written. */
export function cacheFolder(): string {
  const { RESNET_CACHE, LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (RESNET_CACHE) return RESNET_CACHE;
  if (process.platform === 'win32') return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'resnet', 'Cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'resnet');
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'resnet');
}

/**
 * Writes a file whole or not at all: a temporary neighbor, flushed to disk, then renamed.
 *
 * @param chunks Its bytes, in order.
 * @throws CacheError where there is no room, or no right to write.
 */
export async function writeWhole(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await removeStale(dirname(path));
    await writeSynced(temporary, chunks);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new CacheError(path, error);
  }
}

async function writeSynced(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}
