import { linearAnneal } from './one-cycle';
import { type Schedule, schedule } from './schedule';
import { check, checkSteps } from './schedule-error';
import { sequence } from './sequence';

/** Options of {@link warmup}. */
export interface WarmupOptions {
  /** Length of the warm-up. */
  steps: number;
  /** The first rate, as a fraction of `next`'s first. Default 0.1. */
  from?: number;
  /** What follows. It counts its steps from the end of the warm-up. */
  next: Schedule;
}

/**
 * Rises along a straight line to `next`'s first rate, then follows `next` (Goyal et al. 2017, §2.2). PyTorch's `LinearLR`
 * and `SequentialLR`.
 */
export function warmup({ steps, from = 0.1, next }: WarmupOptions): Schedule {
  checkSteps('warmup', 'steps', steps);
  check(from >= 0 && from <= 1, 'warmup', 'from must be a fraction, 0 to 1', from, 'Try 0.1.');
  const target = next.rate(0);
  const rise = schedule((step) => target * linearAnneal(from, 1, step / steps));
  return sequence({ schedules: [rise, next], milestones: [steps] });
}
