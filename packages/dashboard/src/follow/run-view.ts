/** What the page knows of a run beside its curves. All text may be a stranger's. */
export interface RunView {
  /** Name of its folder below the one that is followed. */
  name: string;
  /** What it is called among the others: runs that share it differ by seed alone. */
  label: string;
  /** Its seed; null where the recipe cannot be read. */
  seed: number | null;
  /** As `readRun` of `@resnet/trainer/node` has it. */
  status: 'running' | 'finished' | 'failed' | 'interrupted';
  /** Why it failed. */
  error: string | null;
  /** Iterations done. */
  step: number;
  /** Iterations of the whole run. */
  steps: number | null;
  /** Time of an iteration of late, in seconds. */
  secondsPerStep: number | null;
  /** Images per iteration. */
  batchSize: number | null;
  /** Settings of its recipe by their paths, in words. */
  settings: [string, string][];
  /** Error on the test images, when it has finished. */
  testError: number | null;
  /** Whether there is a picture of augmented samples. */
  samples: boolean;
  /** Changes whenever scores by class or measured layers do; empty where there are none. */
  details: string;
}
