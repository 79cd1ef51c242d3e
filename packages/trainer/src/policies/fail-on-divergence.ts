import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { TrainError } from '../errors';
import type { TrainEvent } from '../events';
import type { Policy } from './policy';

/** The loss, an evaluation's, or a weight is no longer a number. */
export class DivergenceError extends TrainError {
  /** `DivergenceError`, in minified code too. */
  override name = 'DivergenceError';

  constructor(
    /** Iterations done when it showed. */
    readonly step: number,
    /** NaN or an infinity; NaN where something else than a loss showed it. */
    readonly loss: number,
    /** Learning rate of the step; null if something else than a step showed it. */
    readonly rate: number | null,
    /** What is not finite. */
    what = 'the loss',
  ) {
    const where = `at step ${step}${rate === null ? '' : ` (rate ${rate})`}`;
    super(`train: ${what} must stay finite, got ${loss} ${where}. Try a lower rate or a warm-up.`);
  }
}

/**
 * A policy that fails the run with a {@link DivergenceError} as soon as the loss is no longer a number, or a checkpoint shows that a
 * weight is not: some layers, on some backends, turn NaN into zero, and the loss looks fine.
 */
export const failOnDivergence = (): Policy => () => ({ name: 'divergence', watch: refuseDivergence });

/** Fails a stream with the first divergence that its events show. */
export const refuseDivergence: MonoTypeOperatorFunction<TrainEvent> = tap((event: TrainEvent) => {
  if (event.type === 'step' && !Number.isFinite(event.loss)) {
    throw new DivergenceError(event.step, event.loss, event.rate);
  }
  if (event.type === 'evaluation' && !Number.isFinite(event.loss)) {
    throw new DivergenceError(event.step, event.loss, null);
  }
  if (event.type === 'warning' && event.notFinite !== undefined) {
    throw new DivergenceError(event.step, Number.NaN, null, event.notFinite);
  }
});
