import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder, sweepAbandoned, writeDurably } from '@resnet/files';
import { CacheError } from './errors';

/** The folder for downloads and packs: `RESNET_CACHE`, else the platform's cache folder. Not made before something is written. */
export function cacheFolder(): string {
  const { RESNET_CACHE, LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (RESNET_CACHE) return RESNET_CACHE;
  if (process.platform === 'win32') return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'resnet', 'Cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'resnet');
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'resnet');
}

/**
 * Writes a file of the cache whole or not at all; its folder is made where there is none.
 *
 * @param chunks Its bytes, in order.
 * @throws CacheError where there is no room, or no right to write.
 */
export async function writeWhole(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  try {
    await makeFolder(dirname(path));
    sweepAbandoned(dirname(path), { links: 'follow' });
    await writeDurably(path, chunks);
  } catch (error) {
    throw new CacheError(path, error);
  }
}
