import type * as tf from '@tensorflow/tfjs';
import { concat, defer, ignoreElements, type MonoTypeOperatorFunction, tap } from 'rxjs';
import { bestCheckpoint } from '../checkpoint/find';
import { restoreWeights } from '../checkpoint/restore-weights';
import type { CheckpointStore } from '../checkpoint/store';
import { TrainError } from '../errors';
import type { EvaluationEvent, TrainEvent } from '../events';
import type { Json, Stateful } from '../schedule';

/** Settings of `stopEarly`. */
export interface StopEarlyOptions {
  /** Validations in a row without an improvement before the run stops. */
  patience: number;
  /** What is watched on validation data. `error` by default. */
  metric?: 'error' | 'loss';
  /** An improvement must be larger than this: a share for the error, nats for the loss. 0 by default. */
  minDelta?: number;
  /** Where the weights of the best validation, the one of the lowest error, are taken from after the run has stopped. */
  restore?: {
    /** Gets the weights; the model that is trained. */
    model: tf.LayersModel;
    /** The store that the run saves to. */
    checkpoints: CheckpointStore;
  };
}

/** Stops a run that no longer improves. */
export interface EarlyStop extends Stateful {
  /** For `train`, which then finishes the step, writes a checkpoint and ends. */
  readonly signal: AbortSignal;
  /** Hears the validations; behind the last event of a run that it stopped it restores the best weights, with `restore`. */
  readonly operator: MonoTypeOperatorFunction<TrainEvent>;
}

/**
 * A policy that ends a run after `patience` validations without an improvement. It resumes with the run if it is among the
 * states that travel in the checkpoints:
 *
 * ```ts
 * const stop = stopEarly({ patience: 10, restore: { model, checkpoints } });
 * train({ model, signal: stop.signal, states: { stop }, … }).pipe(stop.operator)
 * ```
 */
export function stopEarly({ patience, metric = 'error', minDelta = 0, restore }: StopEarlyOptions): EarlyStop {
  check(patience, minDelta);
  const controller = new AbortController();
  let best = Number.POSITIVE_INFINITY;
  let bad = 0;

  const hear = (event: EvaluationEvent): void => {
    const improved = event[metric] < best - minDelta;
    best = improved ? event[metric] : best;
    bad = improved ? 0 : bad + 1;
    stopIfDue();
  };
  const stopIfDue = (): void => {
    if (bad >= patience) controller.abort();
  };
  const restoreBest = async (): Promise<void> => {
    const found = restore && controller.signal.aborted ? await bestCheckpoint(restore.checkpoints) : null;
    if (restore && found) restoreWeights(restore.model, found.contents);
  };

  return {
    signal: controller.signal,
    operator: (source) =>
      concat(
        source.pipe(tap((event) => event.type === 'evaluation' && event.split === 'validation' && hear(event))),
        defer(restoreBest).pipe(ignoreElements()),
      ),
    state: (): Json => ({ best: Number.isFinite(best) ? best : null, bad }),
    restore: (state) => {
      ({ best, bad } = parse(state));
      stopIfDue();
    },
  };
}

function parse(state: Json): { best: number; bad: number } {
  const { best, bad } = state as { best: number | null; bad: number };
  return { best: best ?? Number.POSITIVE_INFINITY, bad };
}

function check(patience: number, minDelta: number): void {
  if (!Number.isInteger(patience) || patience < 1) {
    throw new TrainError(`stopEarly: patience must be a positive integer, got ${patience}. Count in validations.`);
  }
  if (!(minDelta >= 0)) throw new TrainError(`stopEarly: minDelta must be 0 or more, got ${minDelta}. Try 0.`);
}
