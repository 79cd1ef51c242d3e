import type { BucketColumns } from '../follow/buckets';
import type { EvaluationColumns, RunMetrics } from '../follow/metrics';

/** What a page lacks of a run's curves: it cuts its columns at `from`, and appends. */
export interface SeriesUpdate {
  /** Name of the run. */
  run: string;
  /** Steps a bucket. */
  size: number;
  /** Training steps. */
  train: BucketColumns & { from: number };
  /** Validations. */
  validation: EvaluationColumns & { from: number };
}

/** What a page has of a run's curves. */
export interface SentSoFar {
  generation: number;
  size: number;
  /** Buckets; the last of them may have been sent before it was full. */
  train: number;
  validation: number;
  /** Last step sent. */
  step: number;
}

/** What is new of a run for a page, noted as sent; null if nothing is. */
export function seriesSince(run: string, metrics: RunMetrics, sent: Map<string, SentSoFar>): SeriesUpdate | null {
  const { generation, train, validation } = metrics;
  const before = sent.get(run);
  const goesOn = before?.generation === generation && before.size === train.size;
  const step = train.columns.step.at(-1) ?? 0;
  if (goesOn && before.step === step && before.validation === validation.step.length) return null;
  const from = { train: goesOn ? Math.max(0, before.train - 1) : 0, validation: goesOn ? before.validation : 0 };
  sent.set(run, {
    generation,
    size: train.size,
    train: train.columns.step.length,
    validation: validation.step.length,
    step,
  });
  return {
    run,
    size: train.size,
    train: { from: from.train, ...train.since(from.train) },
    validation: { from: from.validation, ...columnsSince(validation, from.validation) },
  };
}

const columnsSince = ({ step, loss, error, time }: EvaluationColumns, from: number): EvaluationColumns => ({
  step: step.slice(from),
  loss: loss.slice(from),
  error: error.slice(from),
  time: time.slice(from),
});
