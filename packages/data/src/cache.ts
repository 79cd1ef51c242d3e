import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
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
 * Writes a file whole or not at all: a temporary neighbour, flushed to disk, then renamed.
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

/** A name beside `path` that no other process uses. */
export const temporaryName = (path: string): string =>
  `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`;

const DAY = 24 * 60 * 60 * 1000;

/** Removes what a killed process left half written. A day is longer than any import. */
export async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.endsWith('.tmp')) continue;
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs > DAY) await rm(path, { recursive: true, force: true });
  }
}

/** SHA-256 of a file, in hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** SHA-256 of a text, in hex. */
export const hashText = (text: string): string => createHash('sha256').update(text).digest('hex');
