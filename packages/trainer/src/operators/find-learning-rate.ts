import { lastValueFrom, tap, toArray } from 'rxjs';
import { TrainError } from '../errors';
import type { StepEvent } from '../events';
import { train } from '../train';
import type { TrainOptions } from '../train-options';
import { snapshot } from './snapshot';

/** What to search with; the rest of `train`'s options apply as they do there. */
export interface FindLearningRateOptions
  extends Pick<
    TrainOptions,
    'model' | 'batches' | 'optimizer' | 'labelSmoothing' | 'clipNorm' | 'microBatch' | 'signal' | 'reduceGradients'
  > {
  /** First rate. 1e-6 by default. */
  from?: number;
  /** Last rate. 10 by default. */
  to?: number;
  /** Steps from the first to the last rate. 100 by default. */
  steps?: number;
  /** Weight of the past in the smoothed loss, 0…1. 0.9 by default. */
  smoothing?: number;
  /** Stops once the smoothed loss exceeds its minimum by this factor. 4 by default. */
  stopAt?: number;
  /** Called at each step, for a display. */
  onStep?: (point: RatePoint) => void;
}

/** The loss at a rate. */
export interface RatePoint {
  /** Learning rate of one step. */
  readonly rate: number;
  /** Mean cross-entropy of the batch, in nats, before the update at this rate. */
  readonly loss: number;
  /** Exponentially smoothed, its start not biased towards 0. */
  readonly smoothed: number;
}

/** What the search found. */
export interface RateCurve {
  /** By rising rate; ends where the loss got out of hand. */
  readonly points: readonly RatePoint[];
  /** A tenth of the rate at the lowest smoothed loss; null if the loss never fell. */
  readonly suggestion: number | null;
}

/**
 * Trains some steps with an exponentially rising rate and suggests one, after Smith, "Cyclical learning rates for training
 * neural networks" (2017), §3.3. Weights, statistics of batch normalization and the optimizer's memory are afterwards what they
 * were, bit for bit, also after an error.
 */
export async function findLearningRate(options: FindLearningRateOptions): Promise<RateCurve> {
  const { from = 1e-6, to = 10, steps = 100, smoothing = 0.9, stopAt = 4, onStep, signal, ...rest } = checked(options);
  const giveBack = await snapshot(options.model, options.optimizer);
  const enough = new AbortController();
  const smooth = smoother(smoothing);
  const points: RatePoint[] = [];
  let lowest = Number.POSITIVE_INFINITY;

  const hear = ({ rate, loss }: StepEvent): void => {
    const point = { rate, loss, smoothed: smooth(loss) };
    lowest = Math.min(lowest, point.smoothed);
    // Not `>`: that would go on with NaN.
    if (!(point.smoothed <= stopAt * lowest)) enough.abort();
    if (enough.signal.aborted) return;
    points.push(point);
    onStep?.(point);
  };

  try {
    const run = train({
      ...rest,
      steps,
      schedule: (step) => from * (to / from) ** (step / Math.max(1, steps - 1)),
      signal: AbortSignal.any(signal ? [signal, enough.signal] : [enough.signal]),
    });
    await lastValueFrom(
      run.pipe(
        tap((event) => event.type === 'step' && hear(event)),
        toArray(),
      ),
    );
  } finally {
    giveBack();
  }
  signal?.throwIfAborted();
  return { points, suggestion: suggest(points) };
}

/** An exponential moving average divided by the weight it has gathered so far. */
function smoother(decay: number): (value: number) => number {
  let average = 0;
  let weight = 0;
  return (value) => {
    average = decay * average + (1 - decay) * value;
    weight = decay * weight + (1 - decay);
    return average / weight;
  };
}

/**
 * A tenth of the rate at the lowest smoothed loss. The steepest descent, another common choice, lags behind with the smoothing
 * and came out several times too high on small nets.
 */
function suggest(points: readonly RatePoint[]): number | null {
  const lowest = points.reduce((low, next) => (next.smoothed < low.smoothed ? next : low), points[0]!);
  return points.length > 0 && lowest !== points[0] ? lowest.rate / 10 : null;
}

function checked(options: FindLearningRateOptions): FindLearningRateOptions {
  const { from = 1e-6, to = 10, smoothing = 0.9, stopAt = 4 } = options;
  if (!(from > 0 && to > from && Number.isFinite(to))) {
    throw new TrainError(`findLearningRate: rates must be 0 < from < to, got ${from} and ${to}. Try 1e-6 and 10.`);
  }
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new TrainError(`findLearningRate: smoothing must be at least 0 and below 1, got ${smoothing}. Try 0.9.`);
  }
  if (!(stopAt > 1)) throw new TrainError(`findLearningRate: stopAt must be above 1, got ${stopAt}. Try 4.`);
  return options;
}
