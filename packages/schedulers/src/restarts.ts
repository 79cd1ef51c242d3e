import { cosineAnneal } from './cosine';
import { type Schedule, schedule } from './schedule';
import { check, checkMin, checkRate, checkSteps } from './schedule-error';

/** Options of {@link restarts}. */
export interface RestartsOptions {
  /** The first rate of each cycle. */
  base: number;
  /** Length of the first cycle, in steps. */
  steps: number;
  /** Each cycle's length over that of the one before, at least 1. Default 1. */
  multiplier?: number;
  /** The rate that each cycle falls towards. Default 0. */
  min?: number;
}

/** Cosine cycles that restart at `base` (SGDR, Loshchilov and Hutter 2017). PyTorch's `CosineAnnealingWarmRestarts`. */
export function restarts({ base, steps, multiplier = 1, min = 0 }: RestartsOptions): Schedule {
  checkRate('restarts', 'base', base);
  checkSteps('restarts', 'steps', steps);
  check(multiplier >= 1 && multiplier < Infinity, 'restarts', 'multiplier must be at least 1', multiplier, 'Try 2.');
  checkMin('restarts', min, base);
  return schedule((step) => cosineAnneal(base, min, cycleProgress(step, steps, multiplier)));
}

function cycleProgress(step: number, first: number, multiplier: number): number {
  if (multiplier === 1) return (step % first) / first;
  let [start, length] = [0, first];
  while (step >= start + length) {
    start += length;
    length *= multiplier;
  }
  return (step - start) / length;
}
