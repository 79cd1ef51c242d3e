import { type Schedule, schedule } from './schedule';
import { check, checkMin, checkRate, checkSteps } from './schedule-error';

/** Options of {@link polynomial}. */
export interface PolynomialOptions {
  /** The first rate. */
  base: number;
  /** Steps until the last rate. */
  steps: number;
  /** 1, the default, is a straight line. */
  power?: number;
  /** The last rate. Default 0. */
  min?: number;
}

/** Falls to `min` as `(1 - step / steps) ** power`, and stays there. PyTorch's `PolynomialLR`. */
export function polynomial({ base, steps, power = 1, min = 0 }: PolynomialOptions): Schedule {
  checkRate('polynomial', 'base', base);
  checkSteps('polynomial', 'steps', steps);
  check(Number.isFinite(power) && power > 0, 'polynomial', 'power must be above 0', power, 'A line is 1.');
  checkMin('polynomial', min, base);
  return schedule((step) => min + (base - min) * (1 - Math.min(step / steps, 1)) ** power);
}
