import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { TrainError } from '../errors';
import type { TrainEvent } from '../events';

/** The loss, or an evaluation's, is no longer a number. */
export class DivergenceError extends TrainError {
  override name = 'DivergenceError';

  constructor(
    readonly step: number,
    readonly loss: number,
    /** Learning rate of the step; null if an evaluation showed it. */
    readonly rate: number | null,
  ) {
    const where = `at step ${step}${rate === null ? '' : ` (rate ${rate})`}`;
    super(`train: the loss must stay finite, got ${loss} ${where}. Try a lower rate or a warm-up.`);
  }
}

/** Fails the stream with a {@link DivergenceError} as soon as the loss is no longer a number. */
export const failOnDivergence = (): MonoTypeOperatorFunction<TrainEvent> =>
  tap((event) => {
    if (event.type === 'step' && !Number.isFinite(event.loss)) {
      throw new DivergenceError(event.step, event.loss, event.rate);
    }
    if (event.type === 'evaluation' && !Number.isFinite(event.loss)) {
      throw new DivergenceError(event.step, event.loss, null);
    }
  });
