import type { MonoTypeOperatorFunction } from 'rxjs';
import type { TrainEvent } from '../../events';
import { appendLog } from './append-log';
import { keptLength, type Placed } from './kept-length';
import { MEASURED_SPLITS, type MeasuredSplit } from './split';
import { wholeLines } from './whole-lines';

/** One measurement: a training step, or an evaluation on held-out images. */
export interface MetricsRow {
  /** `train` for a training step. */
  split: MeasuredSplit;
  /** Iterations done, that of a training step included. */
  step: number;
  /** Epoch of the last batch trained on, from 0. */
  epoch: number;
  /** Mean cross-entropy in nats, of the batch or of the whole split. */
  loss: number;
  /** Share classified wrongly, 0…1. */
  error: number;
  /** Mean of `loss` over the trainer's window; train only. */
  meanLoss: number | null;
  /** Mean of `error` over the trainer's window; train only. */
  meanError: number | null;
  /** Learning rate; train only. */
  rate: number | null;
  /** validation and test only. */
  top5Error: number | null;
  /** Seconds since the run began, pauses between its sessions not counted; null in files of former releases, which had none. */
  time: number | null;
}

const columns = [
  'split',
  'step',
  'epoch',
  'loss',
  'error',
  'meanLoss',
  'meanError',
  'rate',
  'top5Error',
  'time',
] as const satisfies (keyof MetricsRow)[];

/** Those of former releases: a file that began with them goes on with them. */
const formerColumns = columns.slice(0, -1);

const headerOf = (names: readonly string[]): string => `${names.join(',')}\n`;

/**
 * Writes a row of CSV for every step and evaluation to `path`: {@link MetricsRow}, numbers to the last bit. Apart from the times, the
 * last column, a run that was killed and resumed writes the same bytes as one that was not.
 *
 * @param now Milliseconds of a clock that never goes back.
 */
export const logMetrics = (path: string, now = () => performance.now()): MonoTypeOperatorFunction<TrainEvent> => {
  let session = { columns: columns as readonly (keyof MetricsRow)[], start: 0, before: 0 };
  const begin = (names: readonly (keyof MetricsRow)[], before: number): void => {
    session = { columns: names, start: now(), before };
  };
  const time = (): number => Number((session.before + (now() - session.start) / 1000).toFixed(3));
  return appendLog(path, {
    header: () => {
      begin(columns, 0);
      return Buffer.from(headerOf(columns));
    },
    keep: (bytes, start) => {
      const length = keptLength(placedRows(bytes), start);
      const kept = new TextDecoder().decode(bytes.subarray(0, length));
      begin(kept.startsWith(headerOf(formerColumns)) ? formerColumns : columns, parseMetrics(kept).at(-1)?.time ?? 0);
      return length;
    },
    encode: (event) => {
      const row = rowOf(event);
      if (row === null) return null;
      const timed = { ...row, time: time() };
      return Buffer.from(`${session.columns.map((column) => timed[column] ?? '').join(',')}\n`);
    },
  });
};

/** Reads the whole rows of a `metrics.csv`. */
export const parseMetrics = (text: string): MetricsRow[] =>
  text
    .split('\n')
    .slice(1, -1)
    .flatMap((line) => parseRow(line) ?? []);

function* placedRows(bytes: Uint8Array): Generator<Placed> {
  for (const { line, end } of wholeLines(bytes)) {
    const row = parseRow(line);
    yield { entry: row && { step: row.step, measured: row.split }, end };
  }
}

function rowOf(event: TrainEvent): Omit<MetricsRow, 'time'> | null {
  if (event.type === 'step') {
    const { step, epoch, loss, error, meanLoss, meanError, rate } = event;
    return { split: 'train', step, epoch, loss, error, meanLoss, meanError, rate, top5Error: null };
  }
  if (event.type === 'evaluation') {
    const { split, step, epoch, loss, error, top5Error } = event;
    return { split, step, epoch, loss, error, meanLoss: null, meanError: null, rate: null, top5Error };
  }
  return null;
}

function parseRow(line: string): MetricsRow | null {
  const cells = line.split(',', columns.length + 1);
  const split = MEASURED_SPLITS.find((name) => name === cells[0]);
  if (!(cells.length === columns.length || cells.length === formerColumns.length) || !split) return null;
  const number = (column: keyof MetricsRow): number => Number(cells[columns.indexOf(column)]);
  if (!Number.isInteger(number('step'))) return null;
  const optional = (column: keyof MetricsRow) => (cells[columns.indexOf(column)] ? number(column) : null);
  return {
    split,
    step: number('step'),
    epoch: number('epoch'),
    loss: number('loss'),
    error: number('error'),
    meanLoss: optional('meanLoss'),
    meanError: optional('meanError'),
    rate: optional('rate'),
    top5Error: optional('top5Error'),
    time: optional('time'),
  };
}
