import type { Observable } from 'rxjs';
import { TrainError } from '../errors';
import type { TrainEvent } from '../events';
import { asSchedule } from '../schedule';
import type { TrainOptions } from '../train-options';
import type { RunPolicy } from './policy';

/** Starts the policies of a run. */
export function startPolicies(options: TrainOptions): RunPolicy[] {
  const policies = (options.policies ?? []).map((policy) => policy(options));
  const names = [...policies.map(({ name }) => name), ...Object.keys(options.states ?? {})];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return policies;
  throw new TrainError(
    `train: policies and states must have names of their own, got '${twice}' twice. Give each policy once, or rename the state.`,
  );
}

/** Options with the policies' schedules and states among them. */
export function withPolicies(options: TrainOptions, policies: readonly RunPolicy[]): TrainOptions {
  const states = policies.flatMap(({ name, state }) => (state ? [[name, state] as const] : []));
  return {
    ...options,
    schedule: policies.reduce(
      (schedule, policy) => policy.schedule?.(schedule) ?? schedule,
      asSchedule(options.schedule),
    ),
    states: { ...options.states, ...Object.fromEntries(states) },
  };
}

/** Events as the policies let them pass, the first policy closest to the run. */
export const watched = (events: Observable<TrainEvent>, policies: readonly RunPolicy[]): Observable<TrainEvent> =>
  policies.reduce((stream, { watch }) => (watch ? stream.pipe(watch) : stream), events);
