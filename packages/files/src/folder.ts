import { lstatSync, readdirSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { FileError } from './file-error';
import { type FileFacts, type FileSystem, nodeFileSystem } from './file-system';
import { codeOf } from './next-move';
import { kindOf, requireRegular, type Trust } from './regular';

/**
 * Makes sure that a folder is one, and, where links are refused, no link to one: what is written, renamed or removed below it would be
 * somebody else's. To be asked before each use of a folder that others may have made.
 *
 * @returns Whether it is there.
 * @throws FileError where it is anything but a folder.
 */
export async function requireFolder(
  path: string,
  trust: Trust = {},
  system: FileSystem = nodeFileSystem,
): Promise<boolean> {
  const facts: Promise<FileFacts> = trust.links === 'follow' ? stat(path) : system.lstat(path);
  return isFolder(await facts.catch(absent(path, trust)), path, trust);
}

/** {@link requireFolder}, at once. */
export function requireFolderSync(path: string, trust: Trust = {}): boolean {
  return isFolder(factsOf(path, trust), path, trust);
}

/**
 * Names of what a folder holds; none where there is no folder.
 *
 * @throws FileError where it is anything but a folder, a link to one included unless links are followed, or cannot be read.
 */
export async function namesIn(
  folder: string,
  trust: Trust = {},
  system: FileSystem = nodeFileSystem,
): Promise<string[]> {
  if (!(await requireFolder(folder, trust, system))) return [];
  return system.readdir(folder).catch(unreadable(folder, trust));
}

/** {@link namesIn}, at once. */
export function namesInSync(folder: string, trust: Trust = {}): string[] {
  if (!requireFolderSync(folder, trust)) return [];
  try {
    return readdirSync(folder);
  } catch (error) {
    return unreadable(folder, trust)(error);
  }
}

/**
 * Makes sure that a path is a regular file, with one name where links are refused, without opening it.
 *
 * @returns Whether it is there.
 * @throws FileError where it is anything else.
 */
export function requireFileSync(path: string, trust: Trust = {}): boolean {
  const facts = factsOf(path, trust);
  if (facts !== null) requireRegular(facts, path, trust);
  return facts !== null;
}

/** Whether something has this name: a file, a folder, a link to nothing. False where it cannot be looked up. */
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

/** Null for what is not there. */
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
  const next = 'Move it away, or name the folder itself.';
  throw new FileError({ who, path, must: 'be a folder of its own', got: kindOf(facts), next });
}
