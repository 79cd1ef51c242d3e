import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FileError } from './file-error';
import { namesInSync } from './folder';
import { codeOf } from './next-move';
import { isAlive, type ProcessIdentity, parseProcess, thisProcess } from './process-identity';
import { readTextSync } from './read';
import { kindOf } from './regular';

/** Another process, or this one, already holds a lock. */
export class LockedError extends FileError {
  /** `LockedError`, in minified code too. */
  override name = 'LockedError';

  constructor(
    /** The lock file. */
    path: string,
    /** The process that holds the lock; null if its lock file is still empty. */
    readonly holder: ProcessIdentity | null,
  ) {
    super({
      who: 'lock',
      path,
      must: 'be free, since only one process may write here',
      got: `a lock of ${holder ? placed(holder) : 'a process that is just starting'}`,
      next: 'Stop that process or choose another path. If the process is certain to have ended, delete the file.',
    });
  }
}

const placed = ({ pid, host, namespace }: ProcessIdentity): string =>
  `process ${pid} on host ${host}${namespace === null || namespace === thisProcess().namespace ? '' : `, in the namespace ${namespace}`}`;

/** The exclusive right to write, until released or the process ends. */
export interface Lock {
  /** Releases the lock. Further calls do nothing. */
  release(): void;
}

/**
 * Takes a lock, or throws a {@link LockedError} that names the holder.
 *
 * A lock is a file `PATH.N`, created exclusively. A process that finds the file of an ended process takes the next number, which only
 * one can get, and then removes the older file. So no process deletes a file that a running one may have just created.
 *
 * @param path A path in an existing folder: `run/lock` locks `run` by `run/lock.1`.
 * @throws FileError if the folder cannot be read or written, or if a file has a lock's name and is none.
 */
export function acquireLock(path: string): Lock {
  const locks = readLocks(path);
  refuseIfHeld(locks);
  const number = numberAfter(locks);
  const file = `${path}.${number}`;
  if (!createExclusively(file)) return acquireLock(path);
  const lock = heldLock(file);
  try {
    const others = readLocks(path).filter((other) => other.number !== number);
    refuseIfHeld(others);
    for (const other of others) fs.rmSync(other.path, { force: true });
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The running process that holds a lock; null if it is free. */
export const lockHolder = (path: string): ProcessIdentity | null =>
  readLocks(path).find(({ holder }) => holder && isAlive(holder))?.holder ?? null;

interface LockFile {
  readonly path: string;
  readonly number: number;
  /** The process in a lock file; null if the file is empty or incomplete. */
  readonly holder: ProcessIdentity | null;
  readonly fresh: boolean;
}

/** Milliseconds. A lock file still empty after this time is from a process killed between creating and writing it. */
const settlingMilliseconds = 10_000;

function readLocks(path: string): LockFile[] {
  const folder = dirname(path);
  const start = `${basename(path)}.`;
  return namesInSync(folder, { links: 'follow', who: 'lock' }).flatMap((name) => {
    const number = name.startsWith(start) ? name.slice(start.length) : '';
    return /^\d+$/.test(number) ? (readLock(join(folder, name), Number(number)) ?? []) : [];
  });
}

function numberAfter(locks: readonly LockFile[]): number {
  const last = Math.max(0, ...locks.map(({ number }) => number));
  if (Number.isSafeInteger(last + 1)) return last + 1;
  const { path } = locks.find(({ number }) => number === last)!;
  throw new FileError({ who: 'lock', path, must: 'have a number that can be raised', got: last, next: deleteIt });
}

const deleteIt = 'Delete it if no process writes there.';

/** A lock file; null if it was released meanwhile. */
function readLock(path: string, number: number): LockFile | null {
  try {
    const facts = fs.lstatSync(path);
    if (!facts.isFile()) throw new Error(kindOf(facts));
    const holder = parseProcess(readTextSync(path, { maxBytes: 4096 }));
    // Absolute, since a clock that was set back leaves files from the future.
    return { path, number, holder, fresh: Math.abs(Date.now() - facts.mtimeMs) < settlingMilliseconds };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new FileError({ who: 'lock', path, must: 'be a file that can be read', got: error, next: deleteIt });
  }
}

function refuseIfHeld(locks: readonly LockFile[]): void {
  for (const { path, holder, fresh } of locks) {
    if (holder ? isAlive(holder) : fresh) throw new LockedError(path, holder);
  }
}

function createExclusively(path: string): boolean {
  try {
    fill(fs.openSync(path, 'wx'), path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new FileError({ who: 'lock', path, must: 'be writable', got: error });
  }
}

/** Writes the holder into a lock file. If that fails, removes the file: empty, it would look like that of a starting process. */
function fill(file: number, path: string): void {
  try {
    fs.writeFileSync(file, JSON.stringify(thisProcess()));
  } catch (error) {
    fs.rmSync(path, { force: true });
    throw error;
  } finally {
    fs.closeSync(file);
  }
}

/** Removes a lock file. A failure is ignored: removal is tried again at exit, and later the file names an ended process. */
function heldLock(path: string): Lock {
  const release = (): void => {
    try {
      fs.rmSync(path, { force: true });
      process.off('exit', release);
    } catch {}
  };
  process.on('exit', release);
  return { release };
}
