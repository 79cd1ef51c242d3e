import { type SampleSummary, summarizeSample } from '../statistics/summary';
import { type MeanDifference, welchInterval } from '../statistics/welch';
import { bySeeds, type RunRecord } from './run';

/** One net over its seeds. Errors are fractions. */
export interface ComparisonRow {
  /** What the runs of the row share. */
  name: string;
  /** One a run, in the order of the runs. */
  seeds: number[];
  /** Trainable numbers, the first run's. */
  parameters: number;
  /** Iterations trained, the first run's. */
  steps: number;
  /** On the training data; its mean is NaN if a run did not measure it. */
  trainError: SampleSummary;
  /** On the test set; its mean is NaN if a run did not measure it. */
  testError: SampleSummary;
  /** Mean of the runs' seconds an iteration; NaN if one did not measure them. */
  secondsPerStep: number;
  /** What the paper reports, by the first run; null where it has no number. */
  paperError: number | null;
  /** Test error minus the first row's, with its 95 % interval; null in the first row. */
  difference: MeanDifference | null;
}

/** Mean ± std over seeds of each net, the difference to the first one, and the paper's number beside it. */
export function comparisonTable(runs: readonly RunRecord[]): ComparisonRow[] {
  const groups = [...bySeeds(runs)];
  const baseline = groups[0]?.[1].map((run) => run.testError) ?? [];
  return groups.map(([name, group], i) => {
    const errors = group.map((run) => run.testError);
    return {
      name,
      seeds: group.map((run) => run.seed),
      parameters: group[0]!.parameters,
      steps: group[0]!.steps,
      trainError: summarizeSample(group.map((run) => run.trainError)),
      testError: summarizeSample(errors),
      secondsPerStep: summarizeSample(group.map((run) => run.secondsPerStep)).mean,
      paperError: group[0]!.paperError ?? null,
      difference: i === 0 ? null : welchInterval(errors, baseline),
    };
  });
}
