import { type Schedule, schedule } from './schedule';
import { checkMin, checkRate, checkSteps } from './schedule-error';

/** Options of {@link cosine}. */
export interface CosineOptions {
  /** The first rate. */
  base: number;
  /** Steps until the last rate. */
  steps: number;
  /** The last rate. Default 0. */
  min?: number;
}

/** Follows half a cosine from one value, at `progress` 0, to another, at 1. */
export const cosineAnneal = (from: number, to: number, progress: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * progress))) / 2;

/**
 * Falls from `base` to `min` along half a cosine, then stays at `min` (Loshchilov and Hutter 2017, without restarts).
 * PyTorch's `CosineAnnealingLR` up to its `T_max`; that one climbs again afterwards.
 */
export function cosine({ base, steps, min = 0 }: CosineOptions): Schedule {
  checkRate('cosine', 'base', base);
  checkSteps('cosine', 'steps', steps);
  checkMin('cosine', min, base);
  return schedule((step) => cosineAnneal(base, min, Math.min(step / steps, 1)));
}
