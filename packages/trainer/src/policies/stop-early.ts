import { concat, defer, ignoreElements, tap } from 'rxjs';
import { bestCheckpoint } from '../checkpoint/find';
import { restoreWeights } from '../checkpoint/restore-weights';
import { TrainError } from '../errors';
import type { EvaluationEvent } from '../events';
import type { Json } from '../schedule';
import type { Policy, PolicyRun, RunPolicy } from './policy';

/** Settings of `stopEarly`. */
export interface StopEarlyOptions {
  /** Validations in a row without an improvement before the run stops. */
  patience: number;
  /** What is watched on validation data. Default `error`. */
  metric?: 'error' | 'loss';
  /** An improvement must be larger than this: a share for the error, nats for the loss. Default 0. */
  minDelta?: number;
  /**
   * After the run has stopped, put the weights of the best validation, the one of the lowest error, into the model. They come
   * from the run's checkpoints. Default false.
   */
  restoreBest?: boolean;
}

/**
 * A policy that ends a run, with reason `stopped-early`, after `patience` validations without an improvement. Its count resumes
 * with the run.
 *
 * @throws TrainError (as the run's error) where the run has no validation, or no checkpoints to restore from.
 */
export function stopEarly(options: StopEarlyOptions): Policy {
  check(options);
  return (run) => {
    checkRun(options, run);
    return earlyStop(options, run);
  };
}

function earlyStop(
  { patience, metric = 'error', minDelta = 0, restoreBest = false }: StopEarlyOptions,
  run: PolicyRun,
): RunPolicy {
  const { model, checkpoints } = run;
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
  const restore = async (): Promise<void> => {
    if (!restoreBest || !checkpoints || !controller.signal.aborted) return;
    const found = await bestCheckpoint(checkpoints.store);
    if (found) restoreWeights(model, found.contents);
  };

  return {
    name: 'early',
    signal: controller.signal,
    watch: (source) =>
      concat(
        source.pipe(tap((event) => event.type === 'evaluation' && event.split === 'validation' && hear(event))),
        defer(restore).pipe(ignoreElements()),
      ),
    state: {
      state: (): Json => ({ best: Number.isFinite(best) ? best : null, bad }),
      restore: (state) => {
        ({ best, bad } = parse(state));
        stopIfDue();
      },
    },
  };
}

function parse(state: Json): { best: number; bad: number } {
  const { best, bad } = state as { best: number | null; bad: number };
  return { best: best ?? Number.POSITIVE_INFINITY, bad };
}

function check({ patience, minDelta = 0 }: StopEarlyOptions): void {
  if (!Number.isInteger(patience) || patience < 1) {
    throw new TrainError(`stopEarly: patience must be a positive integer, got ${patience}. Count in validations.`);
  }
  if (!(minDelta >= 0)) throw new TrainError(`stopEarly: minDelta must be 0 or more, got ${minDelta}. Try 0.`);
}

function checkRun({ restoreBest }: StopEarlyOptions, { validation, checkpoints }: PolicyRun): void {
  if (!validation) {
    throw new TrainError('stopEarly: the run must have a validation, which patience counts, got none. Set validation.');
  }
  if (restoreBest && !checkpoints) {
    throw new TrainError('stopEarly: restoreBest must have checkpoints to restore from, got none. Set checkpoints.');
  }
}
