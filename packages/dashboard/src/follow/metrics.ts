import { lstatSync } from 'node:fs';
import { openFile } from '@resnet/files';
import { Buckets, type StepPlace } from './buckets';

/** Measurements on held-out images, in columns. */
export interface EvaluationColumns {
  /** Iterations done. */
  step: number[];
  /** Mean cross-entropy in nats. */
  loss: (number | null)[];
  /** Share classified wrongly. */
  error: (number | null)[];
  /** Seconds since the run began. */
  time: (number | null)[];
}

/** What a run measured so far. */
export interface RunMetrics {
  /** Counts how often the file was read anew from its start, as after a resume that cut it. */
  generation: number;
  /** Training steps. */
  train: Buckets;
  /** Validations. */
  validation: EvaluationColumns;
}

/** Bytes read at a time. */
const CHUNK = 1 << 20;

/** Bytes before the place of reading that must be the same at the next look: if not, the file was cut and written anew. */
const GUARD = 64;

const noMetrics = (generation: number): RunMetrics => ({
  generation,
  train: new Buckets(),
  validation: { step: [], loss: [], error: [], time: [] },
});

/** Follows a `metrics.csv` that another process appends to. Links are refused: the folder may be a stranger's. */
export class MetricsFollower {
  metrics: RunMetrics = noMetrics(0);
  private place = 0;
  private guard = Buffer.alloc(0);
  private seen = '';

  constructor(private readonly path: string) {}

  /** Reads what is new. True if something was. */
  async look(): Promise<boolean> {
    const facts = lstatSync(this.path, { throwIfNoEntry: false });
    const now = facts ? `${facts.ino} ${facts.size} ${facts.mtimeMs}` : '';
    if (now === this.seen) return false;
    this.seen = now;
    if (!facts) return this.begin();
    const file = await openFile(this.path, { who: 'dashboard' });
    try {
      if (!(await this.isContinued(file))) this.begin();
      await this.read(file);
    } finally {
      await file.close();
    }
    return true;
  }

  private begin(): true {
    this.metrics = noMetrics(this.metrics.generation + 1);
    this.place = 0;
    this.guard = Buffer.alloc(0);
    return true;
  }

  private async isContinued(file: Awaited<ReturnType<typeof openFile>>): Promise<boolean> {
    if (this.guard.length === 0) return true;
    const before = Buffer.alloc(this.guard.length);
    const { bytesRead } = await file.read(before, 0, before.length, this.place - before.length);
    return bytesRead === before.length && before.equals(this.guard);
  }

  private async read(file: Awaited<ReturnType<typeof openFile>>): Promise<void> {
    const buffer = Buffer.alloc(CHUNK);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, this.place);
      const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
      if (end === 0) return;
      takeRows(buffer.toString('latin1', 0, end), this.metrics);
      this.place += end;
      this.guard = Buffer.from(buffer.subarray(Math.max(0, end - GUARD), end));
      if (bytesRead < CHUNK) return;
    }
  }
}

/**
 * Takes in whole rows. By hand, and no more of a row than is needed, for speed: ten runs of 64,000 steps have 70 MB.
 *
 * Columns: split, step, epoch, loss, error, meanLoss, meanError, rate, top5Error, time (not in files of former releases).
 */
function takeRows(text: string, { train, validation }: RunMetrics): void {
  let unplaced = -1;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    if (text.startsWith('train,', start)) {
      const scores = scoresAt(text, start, end);
      if (scores === null) {
        // A damaged row says nothing.
      } else if (train.add(scores.loss, scores.error)) {
        train.place(placeAt(text, start, end));
        unplaced = -1;
      } else unplaced = start;
    } else if (text.startsWith('validation,', start)) {
      const scores = scoresAt(text, start, end);
      if (scores !== null) {
        const { step, time } = placeAt(text, start, end);
        validation.step.push(step);
        validation.loss.push(finite(scores.loss));
        validation.error.push(finite(scores.error));
        validation.time.push(time);
      }
    }
    start = end + 1;
  }
  if (unplaced >= 0) train.place(placeAt(text, unplaced, text.indexOf('\n', unplaced)));
}

/** The fourth and fifth cell; null where a row has fewer, or no step. */
function scoresAt(text: string, start: number, end: number): { loss: number; error: number } | null {
  const step = text.indexOf(',', start) + 1;
  const epoch = text.indexOf(',', step) + 1;
  const loss = text.indexOf(',', epoch) + 1;
  const error = text.indexOf(',', loss) + 1;
  const behind = text.indexOf(',', error);
  if (epoch === 0 || loss === 0 || error === 0 || behind === -1 || behind > end || !isDigit(text, step)) return null;
  return { loss: Number(text.slice(loss, error - 1)), error: Number(text.slice(error, behind)) };
}

const isDigit = (text: string, at: number): boolean => text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57;

function placeAt(text: string, start: number, end: number): StepPlace {
  const cells = text.slice(start, end).split(',');
  const optional = (cell: string | undefined) => (cell ? finite(Number(cell)) : null);
  return { step: Number(cells[1]), rate: optional(cells[7]), time: optional(cells[9]) };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
