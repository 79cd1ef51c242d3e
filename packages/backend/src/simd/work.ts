/** How a job runs. */
export interface Work {
  /** What it is called in profiles and errors. */
  label: string;
  /** In how many pieces it comes; must not depend on the number of threads. */
  chunks: number;
  /** Whether it is worth waking others. Default: true. */
  parallel?: boolean;
}
