import { constants } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FileError } from './file-error';
import { type FileHandle, type FileSystem, nodeFileSystem } from './file-system';
import { kindOf, safeFlags, type Trust } from './regular';
import { temporaryName } from './temporary-name';

/** Content of a file: text, bytes, or bytes in parts. */
export type Content = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;

/**
 * Replaces a file. A crash of the process or the machine at any moment leaves the old content or the new: a unique temporary name, all
 * bytes, fsync, rename, fsync of the folder.
 *
 * @param path Its folder must be there. What is there already must be a regular file; where links are followed, one behind a link is
 *   replaced in its place.
 * @throws FileError naming the file; the old content is kept.
 */
export const writeDurably = (
  path: string,
  content: Content,
  trust: Trust = {},
  system: FileSystem = nodeFileSystem,
): Promise<void> => writeTogether([[path, content]], trust, system);

/**
 * Replaces files that belong together, each as by {@link writeDurably}, and none before all are on the disk: where there is no room for
 * one of them, all stay as they were.
 *
 * @param files Path and content of each, in the order in which they are replaced.
 * @throws FileError naming the file that cannot be written.
 */
export async function writeTogether(
  files: Iterable<NewContent> | AsyncIterable<NewContent>,
  trust: Trust = {},
  system: FileSystem = nodeFileSystem,
): Promise<void> {
  const waiting: Staged[] = [];
  try {
    for await (const [path, content] of files) waiting.push(await stage(path, content, trust, system));
    const folders = new Map(waiting.map(({ target, path }) => [dirname(target), path]));
    for (let next = waiting[0]; next; next = waiting[0]) {
      await system.rename(next.temporary, next.target).catch(unwritable(next.path, trust));
      waiting.shift();
    }
    for (const [folder, path] of folders) await syncFolder(folder, system).catch(unwritable(path, trust));
  } catch (error) {
    for (const { temporary } of waiting) await system.unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/** A file and what it is to hold. */
export type NewContent = readonly [path: string, content: Content];

/** A file's new content, on the disk under a temporary name. */
interface Staged {
  readonly path: string;
  readonly target: string;
  readonly temporary: string;
}

async function stage(path: string, content: Content, trust: Trust, system: FileSystem): Promise<Staged> {
  const refuse = unwritable(path, trust);
  const target = trust.links === 'follow' ? await behindLinks(path).catch(refuse) : path;
  await requireReplaceable(target, trust, system);
  const temporary = temporaryName(target);
  const file = await system.open(temporary, O_WRONLY | O_CREAT | O_EXCL | safeFlags({})).catch(refuse);
  try {
    await closed(file, async () => {
      for await (const part of partsOf(content)) await writeAll(file, part);
      await file.sync();
    });
    return { path, target, temporary };
  } catch (error) {
    await system.unlink(temporary).catch(() => undefined);
    return refuse(error);
  }
}

const unwritable =
  (path: string, { who = 'writeDurably' }: Trust) =>
  (error: unknown): never => {
    throw error instanceof FileError ? error : new FileError({ who, path, must: 'be writable', got: error });
  };

/** The target of a link to nothing. */
async function behindLinks(path: string): Promise<string> {
  return realpath(path).catch((error) => {
    if (error.code === 'ENOENT') return resolve(path);
    throw error;
  });
}

/** Refuses anything but regular files, since a rename would replace even a device. */
async function requireReplaceable(path: string, { who = 'writeDurably' }: Trust, system: FileSystem): Promise<void> {
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
    if (bytesWritten === 0) throw new Error('a write of 0 bytes');
    offset += bytesWritten;
  }
}

/** Flushes a folder's entries. Windows cannot open folders and keeps renames durable by itself. */
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
