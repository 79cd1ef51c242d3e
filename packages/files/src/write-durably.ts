import { constants } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FileError } from './file-error';
import { type FileHandle, type FileSystem, nodeFileSystem } from './file-system';
import { kindOf, safeFlags, type Trust } from './regular';
import { temporaryName } from './temporary-name';

/** A file's content: text, bytes, or bytes in parts. */
export type Content = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;

/**
 * Replaces a file so that a crash at any moment, of the process or of the machine, leaves the old content or the new one: a temporary
 * name that nothing else uses, all bytes, fsync, rename, fsync of the folder.
 *
 * @param path Its folder must be there. What is there already must be a regular file; where links are followed, one behind a link is
 *   replaced in its place.
 * @throws FileError naming the file; what was there before is still there.
 */
export async function writeDurably(
  path: string,
  content: Content,
  trust: Trust = {},
  system: FileSystem = nodeFileSystem,
): Promise<void> {
  const { who = 'writeDurably' } = trust;
  let temporary: string | null = null;
  try {
    const target = trust.links === 'follow' ? await behindLinks(path) : path;
    await requireReplaceable(target, who, system);
    const name = temporaryName(target);
    const file = await system.open(name, O_WRONLY | O_CREAT | O_EXCL | safeFlags({}));
    temporary = name;
    await closed(file, async () => {
      for await (const part of partsOf(content)) await writeAll(file, part);
      await file.sync();
    });
    await system.rename(temporary, target);
    temporary = null;
    await syncFolder(dirname(target), system);
  } catch (error) {
    if (temporary !== null) await system.unlink(temporary).catch(() => undefined);
    throw error instanceof FileError ? error : new FileError({ who, path, must: 'be writable', got: error });
  }
}

/** Of a link to nothing, the place where it leads. */
async function behindLinks(path: string): Promise<string> {
  return realpath(path).catch((error) => {
    if (error.code === 'ENOENT') return resolve(path);
    throw error;
  });
}

/** A rename puts a file in the place of whatever is there: of a device, say. */
async function requireReplaceable(path: string, who: string, system: FileSystem): Promise<void> {
  const facts = await system.lstat(path).catch(() => null);
  if (facts === null || facts.isFile()) return;
  const next = 'Move it away, or choose another name.';
  throw new FileError({ who, path, must: 'be a regular file, or nothing yet', got: kindOf(facts), next });
}

async function* partsOf(content: Content): AsyncGenerator<Uint8Array> {
  if (typeof content === 'string') yield new TextEncoder().encode(content);
  else if (content instanceof Uint8Array) yield content;
  else yield* content;
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, offset, bytes.length - offset);
    if (bytesWritten === 0) throw new Error('a write that took no bytes');
    offset += bytesWritten;
  }
}

/** Flushes the names in a folder. Windows can't open a folder, and keeps renames safe by itself. */
export async function syncFolder(folder: string, system: FileSystem = nodeFileSystem): Promise<void> {
  if (process.platform === 'win32') return;
  const file = await system.open(folder, O_RDONLY);
  await closed(file, () => file.sync());
}

async function closed(file: FileHandle, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } finally {
    await file.close();
  }
}
