import { check } from './schedule-error';

/** What `JSON.parse` can return. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Named measurements of a training run. A trainer that follows this project's names reports `trainLoss` and `trainError`
 * after each step, `validationLoss` and `validationError` after each evaluation; errors are fractions, 0 to 1.
 */
export type Metrics = Readonly<Record<string, number>>;

/**
 * A learning rate over time.
 *
 * A step is a 0-based count of whatever the caller counts: iterations as a rule, epochs if `rate` is asked once an epoch,
 * fractions of an epoch too. Milestones and lengths are in that same unit.
 *
 * The caller asks `rate(step)` before each step and calls `observe` after it. Only `observe` and `restore` change what
 * `rate` answers.
 */
export interface Schedule {
  /**
   * The rate to use at `step`.
   *
   * @throws ScheduleError if `step` is negative or not a finite number.
   */
  rate(step: number): number;
  /** The metrics that `observe` uses; absent if it uses none. A trainer that never measures one of them can refuse the schedule. */
  readonly metrics?: readonly string[];
  /** Takes in measurements, for schedules that listen. Those without the metric listened to change nothing. */
  observe?(metrics: Metrics): void;
  /** All state besides the options, as plain JSON; absent if there is none. */
  state?(): Json;
  /**
   * Continues exactly where `state` was taken, on a schedule made with the same options.
   *
   * @throws ScheduleError if `state` is not of this kind of schedule.
   */
  restore?(state: Json): void;
}

/** Makes a `Schedule` from a function of the step. Steps are checked before the function is called. */
export const schedule = (rate: (step: number) => number): Schedule => ({
  rate: (step) => rate(checkStep(step)),
});

/** Returns `step` if it is one. */
export function checkStep(step: number): number {
  check(Number.isFinite(step) && step >= 0, 'rate', 'step must be a finite number from 0', step, 'Count from 0.');
  return step;
}
