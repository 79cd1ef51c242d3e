import { concatMap, defer, type MonoTypeOperatorFunction, of, retry, tap, throwError, timer } from 'rxjs';
import { TrainError } from '../errors';
import type { TrainEvent, WarningEvent } from '../events';
import type { Schedule } from '../schedule';
import { DivergenceError, refuseDivergence } from './fail-on-divergence';
import type { Policy } from './policy';

/** Settings of `rollbackOnDivergence`. */
export interface RollbackOptions {
  /** How often a run may go back before it fails. Default 3. */
  attempts?: number;
  /** What the rate is multiplied by each time, above 0 and below 1. Default 0.1. */
  factor?: number;
}

/**
 * A policy that goes back to the last checkpoint with a lower rate when a run diverges, and says so in a warning. What diverged is
 * never in a checkpoint. The rate stays lowered for the rest of the run, also when that is killed and resumed. Where there is no
 * checkpoint to go back to, and after the last attempt, the run fails as with `failOnDivergence`.
 */
export function rollbackOnDivergence(options: RollbackOptions = {}): Policy {
  const { attempts = 3, factor = 0.1 } = checked(options);
  return () => {
    let used = 0;
    return {
      name: 'rollback',
      schedule: (schedule) => scaled(schedule, () => factor ** used),
      watch: goingBack((error) => {
        if (used >= attempts) return null;
        used++;
        return `${error.message} Going back to the last checkpoint, with the rate times ${factor ** used} (${used} of ${attempts}).`;
      }),
      state: {
        state: () => used,
        // The checkpoint that a run goes back to knows less than this policy; the one that a new process resumes from knows more.
        restore: (state) => {
          used = Math.max(used, Number(state));
        },
      },
    };
  };
}

/** A schedule whose rates are multiplied by `scale()`. */
const scaled = (inner: Schedule, scale: () => number): Schedule => ({
  ...(inner.metrics && { metrics: inner.metrics }),
  rate: (step) => inner.rate(step) * scale(),
  observe: (metrics) => inner.observe?.(metrics),
  state: () => inner.state?.() ?? null,
  restore: (state) => {
    if (state !== null) inner.restore?.(state);
  },
});

/** Subscribes anew after a divergence, if there is a checkpoint and `consent` gives a message, which is emitted as a warning. */
function goingBack(consent: (error: DivergenceError) => string | null): MonoTypeOperatorFunction<TrainEvent> {
  return (source) =>
    defer(() => {
      let canGoBack = false;
      let message: string | null = null;
      const note = (event: TrainEvent): void => {
        canGoBack ||= event.type === 'checkpoint' || (event.type === 'start' && event.resumedFrom !== undefined);
      };
      const goBack = (error: unknown) => {
        message = error instanceof DivergenceError && canGoBack ? consent(error) : null;
        return message === null ? throwError(() => error) : timer(0);
      };
      const announce = (event: TrainEvent) => {
        if (event.type !== 'start' || message === null) return of(event);
        const warning: WarningEvent = { type: 'warning', step: event.step, message };
        message = null;
        return of(event, warning);
      };
      return source.pipe(refuseDivergence, tap(note), retry({ delay: goBack }), concatMap(announce));
    });
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
