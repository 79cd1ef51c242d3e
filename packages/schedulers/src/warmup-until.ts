import { checkStep, type Schedule } from './schedule';
import { check, checkRate } from './schedule-error';
import { fields, mismatch, restorePart, stateOf } from './state';

/** Options of {@link warmupUntil}. */
export interface WarmupUntilOptions {
  /** Learning rate of the warm-up. */
  rate: number;
  /** The metric to watch. Default `trainError`. */
  metric?: string;
  /** The warm-up ends after the first step whose metric is below this. */
  below: number;
  /** The schedule after the warm-up. It counts steps from the start of training, warm-up included, so its boundaries do not move. */
  next: Schedule;
}

/**
 * A low rate until a metric falls below a threshold, then another schedule.
 *
 * ResNet-110 starts at 0.01 until its training error is below 80 %, about 400 iterations (He et al. 2015, §4.2):
 * `warmupUntil({ rate: 0.01, below: 0.8, next: multistep({ base: 0.1, milestones: [32_000, 48_000] }) })`.
 */
export function warmupUntil({ rate, metric = 'trainError', below, next }: WarmupUntilOptions): Schedule {
  checkRate('warmupUntil', 'rate', rate);
  check(Number.isFinite(below), 'warmupUntil', 'below must be a finite number', below, 'The paper waits for 0.8.');
  let over = false;
  return {
    metrics: [...new Set([metric, ...(next.metrics ?? [])])],
    rate(step) {
      checkStep(step);
      return over ? next.rate(step) : rate;
    },
    observe(metrics) {
      if (over) next.observe?.(metrics);
      else over = (metrics[metric] ?? Infinity) < below;
    },
    state: () => ({ over, next: stateOf(next) }),
    restore(state) {
      const saved = fields('warmupUntil', state);
      if (typeof saved.over !== 'boolean') throw mismatch('warmupUntil', state);
      over = saved.over;
      restorePart('warmupUntil', next, saved.next);
    },
  };
}
