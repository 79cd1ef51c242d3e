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
    /** The process that holds the lock; null while its lock file is still being written. */
    readonly holder: ProcessIdentity | null,
  ) {
    super({
      who: 'lock',
      path,
      must: 'be free, as what it locks has one writer',
      got: `it held by ${holder ? placed(holder) : 'a process that is just starting'}`,
      next: 'Stop that process or choose another place; if it is certain to be gone, delete the file.',
    });
  }
}

const placed = ({ pid, host, namespace }: ProcessIdentity): string =>
  `process ${pid} on host ${host}${namespace === null || namespace === thisProcess().namespace ? '' : `, in the namespace ${namespace}`}`;

/** The right to write something, until released or the process ends. */
export interface Lock {
  /** Gives the right back. Calling it again does nothing. */
  release(): void;
}

/**
 * Takes a lock, or throws a {@link LockedError} that names the holder.
 *
 * A lock is a file `PATH.N`, made with the exclusive flag. Whoever finds a dead process's file takes the next number, which only one
 * can get, and removes the older file afterwards: nobody ever deletes a file that a living process might just have made.
 *
 * @param path In a folder that is there: `run/lock` locks `run` by `run/lock.1`.
 * @throws FileError where the folder cannot be read or written, or what is named like a lock file is none.
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

/** The living process that holds a lock, or null. */
export const lockHolder = (path: string): ProcessIdentity | null =>
  readLocks(path).find(({ holder }) => holder && isAlive(holder))?.holder ?? null;

interface LockFile {
  readonly path: string;
  readonly number: number;
  /** Null when the file is empty or torn. */
  readonly holder: ProcessIdentity | null;
  readonly fresh: boolean;
}

/** A file its maker has not filled within this time belongs to a process killed between the two system calls. */
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
  throw new FileError({ who: 'lock', path, must: 'have a number that another comes after', got: last, next: deleteIt });
}

const deleteIt = 'Delete it if no process is at work there.';

/** Null for one that was released while we looked. */
function readLock(path: string, number: number): LockFile | null {
  try {
    const facts = fs.lstatSync(path);
    if (!facts.isFile()) throw new Error(kindOf(facts));
    const holder = parseProcess(readTextSync(path, { maxBytes: 4096 }));
    // As an absolute age: a clock that was set back makes files of the future.
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

/** Writes who holds a lock into it. One that cannot be filled goes: left empty, it would look like that of a process just starting. */
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

/** A lock that cannot be removed fails nothing: it is tried again when the process exits, and after that names a dead process. */
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
