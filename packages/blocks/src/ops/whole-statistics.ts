/** Processes whose batches are normalized together, as one batch: see {@link normalizeTogether}. */
export interface NormalizationGroup {
  /** Sums numbers over all of them, in place, while this thread waits. All ask for the same sums in the same order. */
  sum(values: Float64Array): void;
  /** Whether what this process has counts; a process without images of its own computes on one that does not. */
  counts(): boolean;
}

let group: NormalizationGroup | null = null;

/**
 * From now on batch normalization in training takes its statistics, and their gradients, over the batches of all processes of a group; null ends it. Each layer
 * then waits for all processes twice forward and once backward.
 *
 * @returns Goes back to what was before.
 */
export function normalizeTogether(next: NormalizationGroup | null): () => void {
  const before = group;
  group = next;
  return () => {
    group = before;
  };
}

/** Whom this process normalizes together with. */
export const normalizationGroup = (): NormalizationGroup | null => group;

/**
 * Replaces mean and biased variance of `rows` rows, `[channels]` each, by those of all processes together: first the mean, then the squares around it, since
 * those around zero would cancel.
 *
 * @returns Rows of all processes.
 */
export function wholeStatistics(
  { sum, counts }: NormalizationGroup,
  rows: number,
  mean: Float32Array,
  variance: Float32Array,
): number {
  const own = counts() ? rows : 0;
  const first = Float64Array.of(own, ...Array.from(mean, (value) => own * value));
  sum(first);
  const total = first[0]!;
  const second = Float64Array.from(variance, (value, i) => own * (value + (mean[i]! - first[i + 1]! / total) ** 2));
  sum(second);
  for (let i = 0; i < mean.length; i += 1) {
    mean[i] = first[i + 1]! / total;
    variance[i] = second[i]! / total;
  }
  return total;
}

/** Sums over all rows of all processes. */
export interface WholeSums {
  /** Of dy · x̂, by channel. */
  readonly dScale: Float64Array;
  /** Of dy, by channel. */
  readonly dOffset: Float64Array;
  /** Their number. */
  readonly rows: number;
}

/** What the gradient of a normalization over all processes depends on, from this process's sums over its rows. */
export function wholeSums(
  { sum, counts }: NormalizationGroup,
  rows: number,
  dScale: Float32Array,
  dOffset: Float32Array,
): WholeSums {
  const channels = dScale.length;
  const values = Float64Array.of(rows, ...dScale, ...dOffset);
  if (!counts()) values.fill(0);
  sum(values);
  return { rows: values[0]!, dScale: values.slice(1, 1 + channels), dOffset: values.slice(1 + channels) };
}
