import type { Json, Schedule } from './schedule';
import { check, ScheduleError } from './schedule-error';

/** The fields of a saved state, or an error that names whose it should have been. */
export function fields(who: string, state: Json): { [key: string]: Json } {
  if (typeof state === 'object' && state !== null && !Array.isArray(state)) return state;
  throw mismatch(who, state);
}

/** `state[key]`, a finite number. */
export function numberIn(who: string, state: { [key: string]: Json }, key: string): number {
  const value = state[key];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw mismatch(who, state);
}

/** The state of a part, `null` if it keeps none. */
export const stateOf = (part: Schedule): Json => part.state?.() ?? null;

/** Gives a part its state back. */
export function restorePart(who: string, part: Schedule, state: Json | undefined): void {
  if (state !== undefined && part.restore) part.restore(state);
  else check(state === null, who, 'a part without state must restore null', JSON.stringify(state), NEXT);
}

/** The error for a state that is not of this schedule. */
export const mismatch = (who: string, state: Json): ScheduleError =>
  new ScheduleError(`${who}: state must be what state() gave, got ${JSON.stringify(state)}. ${NEXT}`);

const NEXT = 'Restore into a schedule made with the same options.';
