import { type LogContinuation, type LogEntry, survives } from './survives';

/** What stands at a place of a log. */
export interface Placed {
  /** Null for what cannot be read or says nothing about steps: it stays as it is. */
  readonly entry: LogEntry | null;
  /** The byte behind it. */
  readonly end: number;
}

/**
 * The length in bytes of what still holds of a log when a run goes on at `start`: all whole entries up to the first that lies
 * past it. Damage costs what it hits and no more: an entry that only reads as past `start`, as iterations behind it do not,
 * stays too.
 */
export function keptLength(placed: Iterable<Placed>, start: LogContinuation): number {
  let length = 0;
  let cut: number | null = null;
  for (const { entry, end } of placed) {
    if (entry && !survives(entry, start)) cut ??= length;
    else if (entry?.measured === 'train') cut = null;
    length = end;
  }
  return cut ?? length;
}
