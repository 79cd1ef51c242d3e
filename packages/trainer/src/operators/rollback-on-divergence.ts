import { concatMap, defer, type MonoTypeOperatorFunction, of, retry, tap, throwError, timer } from 'rxjs';
import { TrainError } from '../errors';
import type { TrainEvent, WarningEvent } from '../events';
import { asSchedule, type Schedule, type Stateful } from '../schedule';
import { DivergenceError } from './fail-on-divergence';

/** Settings of `rollbackOnDivergence`. */
export interface RollbackOptions {
  /** How often a run may go back before it fails. 3 by default. */
  attempts?: number;
  /** What the rate is multiplied by each time, above 0 and below 1. 0.1 by default. */
  factor?: number;
}

/** Goes back to the last checkpoint with a lower rate when a run diverges. */
export interface Rollback extends Stateful {
  /** Wraps the schedule of the run, whose rates it will lower. */
  schedule(schedule: Schedule | ((step: number) => number)): Schedule;
  /** Put it after `failOnDivergence()`: resubscribes, which resumes from the last checkpoint, and warns. */
  operator: MonoTypeOperatorFunction<TrainEvent>;
}

/**
 * A policy for runs with checkpoints. What diverged is never in a checkpoint; the rate stays lowered for the rest of the run,
 * also when that is killed and resumed, if the policy is among the states that travel in the checkpoints:
 *
 * ```ts
 * const rollback = rollbackOnDivergence();
 * train({ schedule: rollback.schedule(cosine), states: { rollback }, checkpoints, … })
 *   .pipe(failOnDivergence(), rollback.operator)
 * ```
 */
export function rollbackOnDivergence(options: RollbackOptions = {}): Rollback {
  const { attempts = 3, factor = 0.1 } = checked(options);
  let used = 0;
  let warning: string | null = null;
  let canGoBack = false;

  const goBack = (error: unknown) => {
    if (!(error instanceof DivergenceError) || used >= attempts || !canGoBack) return throwError(() => error);
    used++;
    warning = `${error.message} Going back to the last checkpoint, with the rate times ${factor ** used} (${used} of ${attempts}).`;
    return timer(0);
  };
  const announce = (event: TrainEvent) => {
    if (event.type !== 'start' || warning === null) return of(event);
    const told: WarningEvent = { type: 'warning', step: event.step, message: warning };
    warning = null;
    return of(event, told);
  };

  return {
    schedule: (schedule) => {
      const inner = asSchedule(schedule);
      return {
        rate: (step) => inner.rate(step) * factor ** used,
        observe: (metrics) => inner.observe?.(metrics),
        state: () => inner.state?.() ?? null,
        restore: (state) => {
          if (state !== null) inner.restore?.(state);
        },
      };
    },
    operator: (source) =>
      defer(() => source).pipe(
        tap((event) => {
          if (event.type === 'checkpoint' || (event.type === 'start' && event.resumedFrom !== undefined))
            canGoBack = true;
        }),
        retry({ delay: goBack }),
        concatMap(announce),
      ),
    state: () => used,
    // The checkpoint that a run goes back to knows less than this policy; the one that a new process resumes from knows more.
    restore: (state) => {
      used = Math.max(used, Number(state));
    },
  };
}

function checked(options: RollbackOptions): RollbackOptions {
  const { attempts = 3, factor = 0.1 } = options;
  if (!Number.isInteger(attempts) || attempts < 0) {
    throw new TrainError(`rollbackOnDivergence: attempts must be a whole number of 0 or more, got ${attempts}. Try 3.`);
  }
  if (!(factor > 0 && factor < 1)) {
    throw new TrainError(`rollbackOnDivergence: factor must be between 0 and 1, got ${factor}. Try 0.1.`);
  }
  return options;
}
