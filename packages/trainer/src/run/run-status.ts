import { isThere, lockHolder, openFile } from '@resnet/files';
import { parseEvent } from '../operators/logs/log-events';
import { lineAt } from './run-log';
import { runPaths } from './run-paths';

/** What a run is doing. */
export interface RunStatus {
  /**
   * `running`: a living process holds the lock. `finished`: there is a result. `failed`: the last session ended with an error,
   * or the folder cannot be read. `interrupted`: it stopped otherwise, and can be resumed.
   */
  readonly status: 'running' | 'finished' | 'failed' | 'interrupted';
  /** Why it failed. */
  readonly error: string | null;
  /** Process that writes it, while it is running. */
  readonly pid: number | null;
}

/** Of a log only the end is read: a long run's has a line for every step. */
const END = 1 << 16;

/**
 * What a run is doing, without reading its logs as a whole: to be asked once a second. Takes no lock and changes nothing.
 *
 * @throws FileError of `@resnet/files` where the folder cannot be read, or a part of it is a link, a pipe or a device.
 */
export async function runStatus(directory: string): Promise<RunStatus> {
  const { lock, result, events } = runPaths(directory);
  const holder = lockHolder(lock);
  if (holder) return { status: 'running', error: null, pid: holder.pid };
  const error = failureOf(await endOf(events));
  return { status: error !== null ? 'failed' : isThere(result) ? 'finished' : 'interrupted', error, pid: null };
}

/** Why the last session failed, by the end of its log; null if it did not. */
export function failureOf(log: Buffer): string | null {
  const last = parseEvent(lineAt(log, log.lastIndexOf('\n', -2) + 1));
  return last?.type === 'failure' ? (last.message ?? null) : null;
}

async function endOf(path: string): Promise<Buffer> {
  if (!isThere(path)) return Buffer.alloc(0);
  const file = await openFile(path, { who: 'runStatus' });
  try {
    const { size } = await file.stat();
    const end = Buffer.alloc(Math.min(size, END));
    const { bytesRead } = await file.read(end, 0, end.length, size - end.length);
    return end.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
