import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { discard, writeDurably } from '@resnet/files';
import { hashedJson, readHashedJson } from './hashed-json';

/** What a file of a cached folder was when it was written. */
export interface FileFacts {
  readonly size: number;
  /** In hex. */
  readonly sha256: string;
}

/** The files of a cached folder by their paths below it. A folder without one is not whole. */
export type Manifest = ReadonlyMap<string, FileFacts>;

/** Size and SHA-256 of a file's bytes. */
export const factsOf = (bytes: Uint8Array): FileFacts => ({ size: bytes.length, sha256: hash('sha256', bytes) });

/** Hidden, as no image is. */
const manifestPath = (folder: string): string => join(folder, '.manifest');

/** Declares a folder whole: to be written last. The folder must be there: one that vanished is not made again in silence. */
export const writeManifest = (folder: string, manifest: Manifest): Promise<void> =>
  writeDurably(manifestPath(folder), hashedJson([...manifest]));

/** Declares a folder damaged, so that it is made again. Where the cache is read-only, it stays as it is. */
export const removeManifest = (folder: string): Promise<void> => discard(manifestPath(folder));

/** The manifest of a folder that has all of `paths`, each in its size; null of any other. Content is checked when it is read. */
export async function readManifest(folder: string, paths: readonly string[]): Promise<Manifest | null> {
  const found = await readHashedJson<[string, FileFacts][]>(manifestPath(folder));
  const manifest = new Map(found);
  return found && paths.every((path) => hasSize(join(folder, path), manifest.get(path)?.size)) ? manifest : null;
}

/** Asked at once: five times as fast as by a promise each, half a second for 60,000 files. */
function hasSize(path: string, size: number | undefined): boolean {
  try {
    return statSync(path).size === size;
  } catch {
    return false;
  }
}
