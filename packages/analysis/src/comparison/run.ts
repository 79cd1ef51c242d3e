/** A measurement at the end of an iteration. Errors are fractions. */
export interface Measured {
  step: number;
  error: number;
}

/** What a comparison needs to know of one training run. */
export interface RunRecord {
  /** What is compared, such as `resnet20`: runs that share it differ only by seed. */
  name: string;
  seed: number;
  parameters: number;
  /** Iterations trained. */
  steps: number;
  train: readonly Measured[];
  validation: readonly Measured[];
  /** The last iterate's error on the test set. */
  testError: number;
  /** The last iterate's error on the training data. */
  trainError: number;
  /** Median seconds an iteration. */
  secondsPerStep: number;
  /** What the paper reports for this net under this protocol, as a fraction. */
  paperError?: number | null;
}

/** Gathers runs that differ only by seed, in order of first appearance. */
export const bySeeds = (runs: readonly RunRecord[]): Map<string, RunRecord[]> => {
  const groups = new Map<string, RunRecord[]>();
  for (const run of runs) groups.set(run.name, [...(groups.get(run.name) ?? []), run]);
  return groups;
};
