import { parseJson } from '@resnet/files';
import type { MonoTypeOperatorFunction } from 'rxjs';
import type { TrainEvent } from '../../events';
import { appendLog, type LogFormat } from './append-log';
import { keptLength, type Placed } from './kept-length';
import type { LogEntry } from './survives';
import { wholeLines } from './whole-lines';

/** A line of `events.jsonl`: an event, or the error that ended the stream, and when it was written. */
export type LoggedEvent = (TrainEvent | FailureEvent) & {
  /** ISO 8601, UTC. */
  readonly time: string;
};

/** Why a stream of events failed. Only in the log: subscribers get the error itself. */
export interface FailureEvent {
  /** Tells it from the events of `train`. */
  readonly type: 'failure';
  /** That of the last event before it; 0 if there was none. */
  readonly step: number;
  /** Name of the error, such as `DivergenceError`; `Error` for a thrown value that is none. */
  readonly name: string;
  /** Message of the error, or the thrown value as text. */
  readonly message: string;
}

/**
 * Appends every event to `path` as a line of JSON, with the time it was written; NaN becomes null. On resume the lines past
 * the checkpoint's step go, so that what stays equals an uninterrupted run's log, times and interruptions apart.
 */
export const logEvents = (path: string, now: () => Date = () => new Date()): MonoTypeOperatorFunction<TrainEvent> => {
  const line = ({ type, ...event }: TrainEvent | FailureEvent) =>
    Buffer.from(`${JSON.stringify({ type, ...event, time: now() })}\n`);
  return appendLog(path, {
    header: () => new Uint8Array(),
    keep: keepEvents,
    encode: line,
    encodeError: (error, step) => line({ type: 'failure', step, ...describe(error) }),
  });
};

const keepEvents: LogFormat['keep'] = (bytes, start) => keptLength(placedEvents(bytes), start);

function* placedEvents(bytes: Uint8Array): Generator<Placed> {
  for (const { line, end } of wholeLines(bytes)) {
    const event = parseEvent(line);
    yield { entry: event && { step: event.step, measured: measuredIn(event) }, end };
  }
}

const measuredIn = (event: LoggedEvent): LogEntry['measured'] =>
  event.type === 'step' ? 'train' : event.type === 'evaluation' ? event.split : null;

/** Parses a line of `events.jsonl`; null for one that is damaged, or has a field of another kind than we write. */
export function parseEvent(line: string): LoggedEvent | null {
  try {
    const event = parseJson(line);
    return isEvent(event) ? event : null;
  } catch {
    return null;
  }
}

/** Fields of events by what they hold; a number may be null, as which JSON writes NaN. */
const texts = ['time', 'name', 'message', 'resumedFrom', 'notFinite', 'split'];
const numbers = [
  ...['steps', 'epoch', 'batch', 'images', 'parameters', 'bytes', 'rate', 'loss', 'error', 'meanLoss', 'meanError'],
  ...['top5Error', 'trainLoss', 'trainError', 'seconds', 'secondsForData', 'secondsPerStep', 'imagesPerSecond'],
];

function isEvent(value: unknown): value is LoggedEvent {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  const areAll = (names: readonly string[], type: string) =>
    names.every((name) => fields[name] === undefined || fields[name] === null || typeof fields[name] === type);
  return (
    typeof fields.type === 'string' &&
    Number.isSafeInteger(fields.step) &&
    areAll(texts, 'string') &&
    areAll(numbers, 'number')
  );
}

const describe = (error: unknown): { name: string; message: string } =>
  error instanceof Error ? { name: error.name, message: error.message } : { name: 'Error', message: String(error) };
