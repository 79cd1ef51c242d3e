/** The mean of the last numbers seen. */
export interface RunningMean {
  /** Adds a number, drops the oldest beyond the window and returns the mean. */
  push(value: number): number;
  /** The mean so far; NaN before the first number. */
  readonly mean: number;
  /** The numbers in the window, oldest first: plain JSON as long as they are finite. */
  state(): number[];
  /** Goes on from a state. */
  restore(state: readonly number[]): void;
}

/**
 * A mean over the last `window` numbers, in float64 and summed anew each time: a running sum would carry the rounding of
 * every number ever seen, so that a resumed run printed other digits than an uninterrupted one.
 */
export function runningMean(window: number): RunningMean {
  if (!Number.isInteger(window) || window < 1) {
    throw new RangeError(
      `runningMean: window must be a positive integer, got ${window}. Use 1 for the last number alone.`,
    );
  }
  let values: number[] = [];
  const mean = (): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    push(value) {
      values.push(value);
      if (values.length > window) values.shift();
      return mean();
    },
    get mean() {
      return mean();
    },
    state: () => [...values],
    restore(state) {
      values = state.slice(-window);
    },
  };
}
