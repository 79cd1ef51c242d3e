import { lstatSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { FileError } from './file-error';
import { type FileFacts, type FileSystem, nodeFileSystem } from './file-system';
import { kindOf, type Trust } from './regular';

/**
 * Makes sure that a folder is one, and, where links are refused, no link to one: what is written, renamed or removed below it would be
 * somebody else's. To be asked before each use of a folder that others may have made.
 *
 * @returns Whether it is there; false where there is nothing.
 * @throws FileError where it is anything else.
 */
export async function requireFolder(
  path: string,
  trust: Trust = {},
  system: FileSystem = nodeFileSystem,
): Promise<boolean> {
  const facts = trust.links === 'follow' ? stat(path) : system.lstat(path);
  return isFolder(await facts.catch(absent(path, trust)), path, trust);
}

/** {@link requireFolder}, at once. */
export function requireFolderSync(path: string, trust: Trust = {}): boolean {
  try {
    return isFolder(trust.links === 'follow' ? statSync(path) : lstatSync(path), path, trust);
  } catch (error) {
    return isFolder(absent(path, trust)(error), path, trust);
  }
}

const absent =
  (path: string, { who = 'folder' }: Trust) =>
  (error: unknown): null => {
    if (error instanceof FileError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new FileError({ who, path, must: 'be a folder', got: error });
  };

function isFolder(facts: FileFacts | null, path: string, { who = 'folder' }: Trust): boolean {
  if (facts === null || facts.isDirectory()) return facts !== null;
  const next = 'Move it away, or name the folder itself.';
  throw new FileError({ who, path, must: 'be a folder of its own', got: kindOf(facts), next });
}
