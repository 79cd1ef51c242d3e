import { type Schedule, schedule } from './schedule';
import { checkFactor, checkRate, checkSteps } from './schedule-error';

/** Options of {@link step}. */
export interface StepOptions {
  /** The first rate. */
  base: number;
  /** Steps between one cut and the next. */
  every: number;
  /** What each cut multiplies by; 0.1 unless told. */
  factor?: number;
}

/** Multiplies the rate by `factor` every so many steps. PyTorch's `StepLR`. */
export function step({ base, every, factor = 0.1 }: StepOptions): Schedule {
  checkRate('step', 'base', base);
  checkSteps('step', 'every', every);
  checkFactor('step', factor);
  return schedule((at) => base * factor ** Math.floor(at / every));
}
