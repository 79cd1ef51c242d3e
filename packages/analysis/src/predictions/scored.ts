/** What a classifier said of one image. */
export interface Scored {
  /** Index of the true class. */
  label: number;
  /** Probabilities by class, summing to 1. */
  probabilities: ArrayLike<number>;
}

/** The index of the largest value; the first of equals. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
