import type { MonoTypeOperatorFunction } from 'rxjs';
import type { TrainEvent } from '../../events';
import { appendLog, type LogFormat } from './append-log';
import { keptLength, type Placed } from './kept-length';
import { wholeLines } from './whole-lines';

/** One measurement: a training step, or an evaluation on held-out images. */
export interface MetricsRow {
  /** `train` for a training step. */
  split: 'train' | 'validation' | 'test';
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
] as const satisfies (keyof MetricsRow)[];
const header = `${columns.join(',')}\n`;

/**
 * Writes a row of CSV for every step and evaluation to `path`: {@link MetricsRow}, numbers to the last bit, nothing that
 * depends on the clock. A run that was killed and resumed writes the same bytes as one that was not.
 */
export const logMetrics = (path: string): MonoTypeOperatorFunction<TrainEvent> =>
  appendLog(path, {
    header: () => Buffer.from(header),
    keep: keepRows,
    encode: (event) => {
      const row = rowOf(event);
      return row && Buffer.from(`${columns.map((column) => row[column] ?? '').join(',')}\n`);
    },
  });

/** Reads the whole rows of a `metrics.csv`. */
export const parseMetrics = (text: string): MetricsRow[] =>
  text
    .split('\n')
    .slice(1, -1)
    .flatMap((line) => parseRow(line) ?? []);

const keepRows: LogFormat['keep'] = (bytes, start) => keptLength(placedRows(bytes), start);

function* placedRows(bytes: Uint8Array): Generator<Placed> {
  for (const { line, end } of wholeLines(bytes)) {
    const row = parseRow(line);
    yield { entry: row && { step: row.step, measured: row.split }, end };
  }
}

function rowOf(event: TrainEvent): MetricsRow | null {
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
  const split = cells[0];
  if (cells.length !== columns.length || (split !== 'train' && split !== 'validation' && split !== 'test')) return null;
  const number = (column: keyof MetricsRow): number => Number(cells[columns.indexOf(column)]);
  if (!Number.isInteger(number('step'))) return null;
  const optional = (column: keyof MetricsRow) => (cells[columns.indexOf(column)] === '' ? null : number(column));
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
  };
}
