import jstat from 'jstat';
import { summarizeSample } from './summary';

/** A difference of means with the bounds of its confidence interval. */
export interface MeanDifference {
  /** In the unit of the values. */
  difference: number;
  /** Lower bound; NaN where there is no interval. */
  low: number;
  /** Upper bound; NaN where there is no interval. */
  high: number;
  /** Degrees of freedom after Welch and Satterthwaite. */
  degrees: number;
}

/**
 * `mean(a) − mean(b)` with Welch's confidence interval, for samples of unequal variance.
 *
 * With fewer than two values in a sample there is no interval: its bounds are NaN.
 */
export function welchInterval(a: readonly number[], b: readonly number[], confidence = 0.95): MeanDifference {
  const [left, right] = [summarizeSample(a), summarizeSample(b)];
  const difference = left.mean - right.mean;
  const [u, v] = [left.std ** 2 / left.n, right.std ** 2 / right.n];
  if (u + v === 0) return { difference, low: difference, high: difference, degrees: left.n + right.n - 2 };
  const degrees = (u + v) ** 2 / (u ** 2 / (left.n - 1) + v ** 2 / (right.n - 1));
  const half = jstat.studentt.inv(1 - (1 - confidence) / 2, degrees) * Math.sqrt(u + v);
  return { difference, low: difference - half, high: difference + half, degrees };
}
