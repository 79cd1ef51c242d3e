import { lstatSync, readdirSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { FileError } from './file-error';
import { type FileFacts, type FileSystem, nodeFileSystem } from './file-system';
import { codeOf } from './next-move';
import { kindOf, requireRegular, type Trust } from './regular';

/**
 * Checks that a path is a folder and, unless links are followed, no link to one, which would lead to files of others. Call it before
 * each use of a folder that others may have made.
 *
 * @returns Whether it exists.
 * @throws FileError if it exists and is no folder.
 */
export async function requireFolder(
  path: string,
  trust: Trust = {},
  system: FileSystem = nodeFileSystem,
): Promise<boolean> {
  const facts: Promise<FileFacts> = trust.links === 'follow' ? stat(path) : system.lstat(path);
  return isFolder(await facts.catch(absent(path, trust)), path, trust);
}

/** Synchronous {@link requireFolder}. */
export function requireFolderSync(path: string, trust: Trust = {}): boolean {
  return isFolder(factsOf(path, trust), path, trust);
}

/**
 * Names of a folder's entries; empty if the folder does not exist.
 *
 * @throws FileError if it is no folder, is a link (unless links are followed), or cannot be read.
 */
export async function namesIn(
  folder: string,
  trust: Trust = {},
  system: FileSystem = nodeFileSystem,
): Promise<string[]> {
  if (!(await requireFolder(folder, trust, system))) return [];
  return system.readdir(folder).catch(unreadable(folder, trust));
}

/** Synchronous {@link namesIn}. */
export function namesInSync(folder: string, trust: Trust = {}): string[] {
  if (!requireFolderSync(folder, trust)) return [];
  try {
    return readdirSync(folder);
  } catch (error) {
    return unreadable(folder, trust)(error);
  }
}

/**
 * Checks, without opening it, that a path is a regular file and, unless links are followed, has one name.
 *
 * @returns Whether it exists.
 * @throws FileError if it exists and is anything else.
 */
export function requireFileSync(path: string, trust: Trust = {}): boolean {
  const facts = factsOf(path, trust);
  if (facts !== null) requireRegular(facts, path, trust);
  return facts !== null;
}

/** Whether a path exists: a file, a folder, or a link to nothing. False if it cannot be looked up. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function factsOf(path: string, trust: Trust): FileFacts | null {
  try {
    return trust.links === 'follow' ? statSync(path) : lstatSync(path);
  } catch (error) {
    return absent(path, trust)(error);
  }
}

/** Facts about a path; null if it does not exist. */
const absent =
  (path: string, trust: Trust) =>
  (error: unknown): null => {
    if (codeOf(error) === 'ENOENT') return null;
    return unreadable(path, trust)(error);
  };

const unreadable =
  (path: string, { who = 'folder' }: Trust) =>
  (error: unknown): never => {
    throw new FileError({ who, path, must: 'be a folder that can be read', got: error });
  };

function isFolder(facts: FileFacts | null, path: string, { who = 'folder' }: Trust): boolean {
  if (facts === null || facts.isDirectory()) return facts !== null;
  const next = 'Move it away, or name its target.';
  throw new FileError({ who, path, must: 'be a folder and no link', got: kindOf(facts), next });
}
