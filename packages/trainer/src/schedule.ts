/** What `JSON.parse` can return. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A learning rate over time, as `@resnet/schedulers` makes them: anything of this shape does. */
export interface Schedule {
  /** The rate of the update that follows `step` finished ones: the first is `rate(0)`. */
  rate(step: number): number;
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

/** Makes a schedule of a plain function, too. */
export const asSchedule = (schedule: Schedule | ((step: number) => number)): Schedule =>
  typeof schedule === 'function' ? { rate: schedule } : schedule;
