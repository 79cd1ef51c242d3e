/** An option, step or state that a schedule cannot work with. */
export class ScheduleError extends RangeError {
  /** `ScheduleError`, in minified code too. */
  override readonly name = 'ScheduleError';
  /** The caller can avoid it: the `resnet` command exits with 2. */
  readonly usage = true;
}

/** Throws `who: must, got value. next` unless `ok`. */
export function check(ok: boolean, who: string, must: string, value: unknown, next: string): void {
  if (!ok) throw new ScheduleError(`${who}: ${must}, got ${show(value)}. ${next}`);
}

/** A learning rate that options start from must be finite and above 0. */
export function checkRate(who: string, name: string, value: number): void {
  check(Number.isFinite(value) && value > 0, who, `${name} must be above 0`, value, 'The paper starts at 0.1.');
}

/** Checks a lowest rate: from 0 to the rate that it bounds. */
export function checkMin(who: string, min: number, base: number): void {
  check(min >= 0 && min <= base, who, `min must be from 0 to ${base}`, min, 'Leave it out for 0.');
}

/** Checks a factor that makes rates smaller. */
export function checkFactor(who: string, factor: number): void {
  check(factor > 0 && factor < 1, who, 'factor must be above 0 and below 1', factor, 'The paper divides by 10: 0.1.');
}

/** A length in steps. */
export function checkSteps(who: string, name: string, steps: number): void {
  check(Number.isFinite(steps) && steps > 0, who, `${name} must be above 0`, steps, 'Count in the unit of rate(step).');
}

/** Points in time, in order. */
export function checkMilestones(who: string, milestones: readonly number[]): void {
  const ascending = milestones.every((at, i) => Number.isFinite(at) && at > (milestones[i - 1] ?? 0));
  check(ascending, who, 'milestones must rise from above 0', milestones, 'Sort them, each once.');
}

const show = (value: unknown): string => (Array.isArray(value) ? `[${value.join(', ')}]` : String(value));
