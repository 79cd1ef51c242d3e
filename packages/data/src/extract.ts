import { dirname, join } from 'node:path';
import { discard, makeFolder, makeNewFolder, move, sweepAbandoned, temporaryName, writeNew } from '@resnet/files';
import { nameError, requireDiskNames } from './disk-names';
import { CacheError, DataError } from './errors';
import { type FileFacts, factsOf, type Manifest, readManifest, writeManifest } from './manifest';
import type { Source } from './source';

/**
 * Unpacks files of an archive into a folder, whole or not at all. Names were checked when the source was read. Where a folder is
 * there that is not whole, it is replaced.
 *
 * @param target A folder named by the archive's content.
 * @param paths The files to unpack.
 * @returns What each file must be when it is read.
 * @throws ArchiveError for names that a disk cannot have; CacheError where there is no room, or no right to write.
 */
export async function extractOnce(source: Source, target: string, paths: readonly string[]): Promise<Manifest> {
  const known = await readManifest(target, paths);
  if (known) return known;
  requireDiskNames(source.path, paths);
  const temporary = temporaryName(target);
  try {
    await makeFolder(dirname(target));
    sweepAbandoned(dirname(target), { links: 'follow' });
    await makeNewFolder(temporary);
    const manifest = await extract(source, temporary, new Set(paths));
    if (!(await readManifest(temporary, paths))) throw new Error('a folder from which others removed files');
    await putInPlace(temporary, target, paths);
    return manifest;
  } catch (error) {
    // Another process may have put the same folder there first.
    const others = await readManifest(target, paths);
    if (others) return others;
    throw error instanceof DataError ? error : new CacheError(target, error);
  } finally {
    await discard(temporary);
  }
}

/** Files are not flushed one by one, which takes seven times as long: what a power cut takes of them is noticed by the manifest. */
async function extract(source: Source, folder: string, wanted: ReadonlySet<string>): Promise<Manifest> {
  const manifest = new Map<string, FileFacts>();
  const made = new Set(['.']);
  for await (const { path, bytes } of source.read((candidate) => wanted.has(candidate))) {
    await writeBelow(folder, path, bytes, made).catch((error) => {
      throw nameError(source.path, path, error);
    });
    manifest.set(path, factsOf(bytes));
  }
  await writeManifest(folder, manifest);
  return manifest;
}

/** @param made Folders below `root` that are there. A folder that has vanished since is an error: what it held is gone. */
async function writeBelow(root: string, path: string, bytes: Uint8Array, made: Set<string>): Promise<void> {
  await makeBelow(root, dirname(path), made);
  await writeNew(join(root, path), bytes);
}

async function makeBelow(root: string, folder: string, made: Set<string>): Promise<void> {
  if (made.has(folder)) return;
  await makeBelow(root, dirname(folder), made);
  // One that is there: the same name in upper and lower case, on a disk that does not tell them apart.
  await makeNewFolder(join(root, folder));
  made.add(folder);
}

/** Where a folder is that is not whole, two renames: who still reads it hardly misses it. A whole one is another process's, and stays. */
async function putInPlace(temporary: string, target: string, paths: readonly string[]): Promise<void> {
  const placed = await move(temporary, target).then(
    () => true,
    () => false,
  );
  if (placed || (await readManifest(target, paths))) return;
  const old = temporaryName(target);
  await move(target, old).catch(() => undefined);
  await move(temporary, target);
  await discard(old);
}
