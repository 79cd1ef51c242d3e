/** Mean, sample standard deviation (n − 1) and count. The deviation of one value is NaN: it is not known. */
export interface SampleSummary {
  /** NaN without values. */
  mean: number;
  /** Divided by n − 1; NaN below two values. */
  std: number;
  /** How many values. */
  n: number;
}

/** Describes `values` as the paper does its five ResNet-110 runs: mean ± std. */
export function summarizeSample(values: readonly number[]): SampleSummary {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: n > 1 ? Math.sqrt(squares / (n - 1)) : Number.NaN, n };
}
