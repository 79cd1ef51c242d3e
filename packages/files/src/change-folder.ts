import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError } from './file-error';
import { nodeFileSystem } from './file-system';
import type { Trust } from './regular';
import { temporaryName } from './temporary-name';
import { syncFolder } from './write-durably';

/**
 * Makes a folder, and those above it; one that is there is fine.
 *
 * @throws FileError where it cannot be made, or something else has its name.
 */
export async function makeFolder(path: string, { who = 'makeFolder' }: Trust = {}): Promise<void> {
  await fs.mkdir(path, { recursive: true }).catch(refused(who, path, 'be a folder that can be made'));
}

/**
 * Makes a folder that is not there yet, in one that is.
 *
 * @returns False where something has its name already.
 * @throws FileError where it cannot be made.
 */
export async function makeNewFolder(path: string, { who = 'makeNewFolder' }: Trust = {}): Promise<boolean> {
  return fs.mkdir(path).then(
    () => true,
    (error: NodeJS.ErrnoException) =>
      error.code === 'EEXIST' ? false : refused(who, path, 'be a folder that can be made')(error),
  );
}

/**
 * Makes a file that is not there yet, in a folder that is there. Not flushed: for the many files of a folder that is declared whole by
 * one written with `writeDurably`.
 *
 * @throws FileError where something has its name already, or it cannot be written.
 */
export async function writeNew(path: string, bytes: Uint8Array, { who = 'writeNew' }: Trust = {}): Promise<void> {
  await fs.writeFile(path, bytes, { flag: 'wx' }).catch(refused(who, path, 'be a new file that can be written'));
}

/**
 * Replaces a file by one that nobody but its user can read: a secret.
 *
 * @throws FileError where it cannot be written.
 */
export async function writePrivately(
  path: string,
  text: string,
  { who = 'writePrivately' }: Trust = {},
): Promise<void> {
  const temporary = temporaryName(path);
  await fs
    .writeFile(temporary, text, { flag: 'wx', mode: 0o600 })
    .catch(refused(who, path, 'be a file that can be written'));
  await move(temporary, path, { who });
}

/**
 * Gives a file or folder another name, in one step: a file takes the place of a file, a folder that of an empty one.
 *
 * @throws FileError where it cannot; nothing has changed then.
 */
export async function move(from: string, to: string, { who = 'move' }: Trust = {}): Promise<void> {
  await fs.rename(from, to).catch(refused(who, to, `be a name that ${from} can take`));
}

/** {@link move}, flushed to the disk: after a crash one of the names holds. */
export async function moveDurably(from: string, to: string, trust: Trust = {}): Promise<void> {
  await move(from, to, trust);
  await syncFolder(dirname(to), nodeFileSystem).catch(refused(trust.who ?? 'move', to, 'be flushed to its disk'));
}

/**
 * Removes a file, or a folder with all that is in it; a link, not what it leads to. What is not there is fine.
 *
 * @throws FileError naming what stays.
 */
export async function remove(path: string, { who = 'remove' }: Trust = {}): Promise<void> {
  await fs.rm(path, { recursive: true, force: true }).catch(refused(who, path, 'be removable'));
}

/** {@link remove}, where what stays does no harm: it is swept another time. */
export const discard = (path: string): Promise<void> => remove(path).catch(() => undefined);

const refused =
  (who: string, path: string, must: string) =>
  (error: unknown): never => {
    throw new FileError({ who, path, must, got: error });
  };
