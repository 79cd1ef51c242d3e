import { TrainError } from './errors';

/** What `JSON.parse` can return. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A learning rate over time, as `@resnet/schedulers` makes them: anything of this shape does. */
export interface Schedule {
  /** The rate of the update that follows `step` finished ones: the first is `rate(0)`. */
  rate(step: number): number;
  /** The metrics that `observe` waits for, as far as the schedule knows. */
  readonly metrics?: readonly string[];
  /** Hears `trainLoss` and `trainError` after each step, `validationLoss` and `validationError` after each validation. */
  observe?(metrics: Readonly<Record<string, number>>): void;
  /** What a checkpoint keeps of it. */
  state?(): Json;
  /** Goes on from what `state` gave. */
  restore?(state: Json): void;
}

/** Something whose state travels with the checkpoints: a random generator, a counter. */
export interface Stateful {
  /** What a checkpoint keeps. */
  state(): Json;
  /** Goes on from what `state` gave. */
  restore(state: Json): void;
}

/** Makes a schedule of a number or a plain function, too. */
export function asSchedule(schedule: Schedule | ((step: number) => number) | number): Schedule {
  if (typeof schedule === 'number') return { rate: () => schedule };
  return typeof schedule === 'function' ? { rate: schedule } : schedule;
}

/** The metrics that a schedule waits for. */
export const listensTo = (schedule: Schedule | ((step: number) => number) | number): readonly string[] =>
  typeof schedule === 'object' ? (schedule.metrics ?? []) : [];

/**
 * The rate of the next update.
 *
 * @throws TrainError unless it is a number from 0 on.
 */
export function rateAt(schedule: Schedule, step: number): number {
  const rate: unknown = schedule.rate(step);
  if (typeof rate === 'number' && rate >= 0 && rate < Number.POSITIVE_INFINITY) return rate;
  throw new TrainError(
    `train: a learning rate must be a finite number from 0, got ${typeof rate === 'string' ? `'${rate}'` : rate} from the schedule at step ${step}. Check the schedule.`,
  );
}
