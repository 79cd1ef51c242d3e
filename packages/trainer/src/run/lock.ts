import * as fs from 'node:fs';
import { join } from 'node:path';
import { TrainError } from '../errors';
import { isAlive, type ProcessIdentity, thisProcess } from './process-identity';

/** Another process, or this one, already writes the run. */
export class RunLockedError extends TrainError {
  /** `RunLockedError`, in minified code too. */
  override name = 'RunLockedError';

  constructor(
    /** The lock file. */
    readonly path: string,
    /** The process that holds the lock; null while its lock file is still being written. */
    readonly holder: ProcessIdentity | null,
  ) {
    const who = holder ? `process ${holder.pid} on host ${holder.host}` : 'a process that is just starting';
    super(
      `lockRun: a run must have one writer, got a folder locked by ${who}. ` +
        `Stop that process or choose another folder; if it is certain to be gone, delete ${path}.`,
    );
  }
}

/** The right to write a run folder, until released or the process ends. */
export interface RunLock {
  /** Gives the right back. Calling it again does nothing. */
  release(): void;
}

/**
 * Takes the right to write a run folder, or throws a {@link RunLockedError} that names the holder.
 *
 * A lock is a file `lock.N`, made with the exclusive flag. Whoever finds a dead process's file takes the next number, which
 * only one can get, and removes the older file afterwards: nobody ever deletes a file that a living process might just have made.
 */
export function lockRun(directory: string): RunLock {
  const locks = readLocks(directory);
  refuseIfHeld(locks);
  const number = numberAfter(locks);
  const path = join(directory, `lock.${number}`);
  if (!createExclusively(path)) return lockRun(directory);
  const others = readLocks(directory).filter((lock) => lock.number !== number);
  const lock = heldLock(path);
  try {
    refuseIfHeld(others);
  } catch (error) {
    lock.release();
    throw error;
  }
  for (const other of others) fs.rmSync(other.path, { force: true });
  return lock;
}

/** The living process that writes a run folder, or null. */
export function lockHolder(directory: string): ProcessIdentity | null {
  return readLocks(directory).find(({ holder }) => holder && isAlive(holder))?.holder ?? null;
}

interface LockFile {
  path: string;
  number: number;
  /** Null when the file is empty or torn. */
  holder: ProcessIdentity | null;
  fresh: boolean;
}

/** A file its maker has not filled within this time belongs to a process killed between the two system calls. */
const settlingMilliseconds = 10_000;

const readLocks = (directory: string): LockFile[] =>
  fs.readdirSync(directory).flatMap((name) => {
    const number = /^lock\.(\d+)$/.exec(name)?.[1];
    return number ? (readLock(join(directory, name), Number(number)) ?? []) : [];
  });

function numberAfter(locks: LockFile[]): number {
  const last = Math.max(0, ...locks.map((lock) => lock.number));
  if (Number.isSafeInteger(last + 1)) return last + 1;
  const { path } = locks.find((lock) => lock.number === last)!;
  throw new TrainError(
    `lockRun: a lock's number must have one after it, got ${path}. Delete it if no process writes the run.`,
  );
}

function readLock(path: string, number: number): LockFile | null {
  try {
    const stat = fs.statSync(path);
    if (!stat.isFile()) throw new Error('something else');
    // As an absolute age: a clock that was set back makes files of the future.
    const fresh = Math.abs(Date.now() - stat.mtimeMs) < settlingMilliseconds;
    return { path, number, holder: parseHolder(fs.readFileSync(path, 'utf8')), fresh };
  } catch (error) {
    if (isGone(error, path)) return null; // released while we looked
    throw new TrainError(
      `lockRun: ${path} must be a file that can be read, got ${error instanceof Error ? error.message : error}. Delete it if no process writes the run.`,
      { cause: error },
    );
  }
}

/** A link to nothing is still there. */
const isGone = (error: unknown, path: string): boolean =>
  (error as NodeJS.ErrnoException).code === 'ENOENT' &&
  !fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();

function parseHolder(text: string): ProcessIdentity | null {
  try {
    const value: ProcessIdentity = JSON.parse(text);
    return Number.isInteger(value.pid) && typeof value.host === 'string' ? value : null;
  } catch {
    return null;
  }
}

function refuseIfHeld(locks: LockFile[]): void {
  for (const { path, holder, fresh } of locks) {
    if (holder ? isAlive(holder) : fresh) throw new RunLockedError(path, holder);
  }
}

function createExclusively(path: string): boolean {
  try {
    fill(fs.openSync(path, 'wx'), path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new TrainError(
      `lockRun: a run folder must be writable, got ${String(error)}. Change its permissions or copy it.`,
      {
        cause: error,
      },
    );
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
function heldLock(path: string): RunLock {
  const release = (): void => {
    try {
      fs.rmSync(path, { force: true });
      process.off('exit', release);
    } catch {}
  };
  process.on('exit', release);
  return { release };
}
