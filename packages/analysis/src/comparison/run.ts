/** A measurement at the end of an iteration. Errors are fractions. */
export interface MeasuredError {
  /** Iterations done, this one included. */
  step: number;
  /** Share classified wrongly, 0…1. */
  error: number;
  /** Mean cross-entropy in nats, where it was measured. */
  loss?: number | null;
  /** Learning rate of the iteration; none for held-out images. */
  rate?: number | null;
  /** Seconds since the run began, where they are known. */
  time?: number | null;
}

/** What a comparison needs to know of one training run. */
export interface RunRecord {
  /** What is compared, such as `resnet20`: runs that share it differ only by seed. */
  name: string;
  /** What sets it apart from runs of the same name. */
  seed: number;
  /** Trainable numbers in the net. */
  parameters: number;
  /** Iterations trained. */
  steps: number;
  /** Errors on training batches, by iteration; empty for a run without that curve. */
  train: readonly MeasuredError[];
  /** Errors on held-out images, by iteration; empty for a run without that curve. */
  validation: readonly MeasuredError[];
  /** The last iterate's error on the test set. */
  testError: number;
  /** The running mean of the batches' errors at the end, on augmented images, as curves of training error have it. */
  trainError: number;
  /** Mean seconds an iteration, validation and checkpoints apart. */
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
