import { type Schedule, schedule } from './schedule';
import { check, checkRate } from './schedule-error';

/** Options of {@link exponential}. */
export interface ExponentialOptions {
  /** The first rate. */
  base: number;
  /** Multiplies the rate at each step. Above 1 the rate grows, as in a learning-rate search. */
  factor: number;
}

/** Multiplies the rate by `factor` at every step. PyTorch's `ExponentialLR`. */
export function exponential({ base, factor }: ExponentialOptions): Schedule {
  checkRate('exponential', 'base', base);
  check(factor > 0 && factor < Infinity, 'exponential', 'factor must be above 0', factor, 'Try 0.95.');
  return schedule((step) => base * factor ** step);
}
