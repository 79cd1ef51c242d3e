import { type Schedule, schedule } from './schedule';
import { checkFactor, checkRate, checkSteps } from './schedule-error';

/** Options of {@link stepDecay}. */
export interface StepDecayOptions {
  /** The first rate. */
  base: number;
  /** Steps between one cut and the next. */
  every: number;
  /** Multiplies the rate at each change. Default: 0.1. */
  factor?: number;
}

/** Multiplies the rate by `factor` every so many steps. PyTorch's `StepLR`. */
export function stepDecay({ base, every, factor = 0.1 }: StepDecayOptions): Schedule {
  checkRate('stepDecay', 'base', base);
  checkSteps('stepDecay', 'every', every);
  checkFactor('stepDecay', factor);
  return schedule((at) => base * factor ** Math.floor(at / every));
}
