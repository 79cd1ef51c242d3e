import { cosineAnneal } from './cosine';
import { type Schedule, schedule } from './schedule';
import { check, checkRate, checkSteps } from './schedule-error';

/** Goes from one rate to another as `progress` goes from 0 to 1. */
export type Anneal = (from: number, to: number, progress: number) => number;

/** Along a straight line. */
export const linearAnneal: Anneal = (from, to, progress) => from + (to - from) * progress;

/** Options of {@link oneCycle}. */
export interface OneCycleOptions {
  /** The highest rate. */
  peak: number;
  /** Length of the cycle: its last step is `steps - 1`. */
  steps: number;
  /** The part of the cycle that rises. Default 0.3. */
  rise?: number;
  /** The first rate is `peak / divisor`. Default 25. */
  divisor?: number;
  /** The last rate is the first divided by this. Default 10,000. */
  finalDivisor?: number;
  /** Falls back to the first rate as fast as it rose, and only then to the last. */
  threePhase?: boolean;
  /** The shape of each phase: `halfCosine`, the default, or `linear`. */
  anneal?: Anneal;
}

/**
 * Rises to `peak`, falls to almost nothing and stays there (Smith and Topin 2018). PyTorch's `OneCycleLR`, of which the
 * momentum is not cycled.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { anneal = cosineAnneal } = options;
  const points = turningPoints(options);
  return schedule((step) => {
    const next = points.findIndex((point) => step <= point.step);
    if (next === -1) return points[points.length - 1]!.rate;
    if (next === 0) return points[0]!.rate;
    const [from, to] = [points[next - 1]!, points[next]!];
    return anneal(from.rate, to.rate, (step - from.step) / (to.step - from.step));
  });
}

function turningPoints(options: OneCycleOptions): { step: number; rate: number }[] {
  const { peak, steps, rise = 0.3, divisor = 25, finalDivisor = 1e4, threePhase = false } = options;
  checkRate('oneCycle', 'peak', peak);
  checkSteps('oneCycle', 'steps', steps);
  checkDivisor('divisor', divisor);
  checkDivisor('finalDivisor', finalDivisor);
  const most = threePhase ? 0.5 : 1;
  check(rise > 0 && rise <= most, 'oneCycle', `rise must be above 0, at most ${most}`, rise, 'Try 0.3.');
  const [first, top, last] = [peak / divisor, rise * steps - 1, steps - 1];
  check(top > 0 && top < last, 'oneCycle', 'rise * steps must be between 1 and steps', rise * steps, 'Add steps.');
  return [
    { step: 0, rate: first },
    { step: top, rate: peak },
    ...(threePhase ? [{ step: 2 * top, rate: first }] : []),
    { step: last, rate: first / finalDivisor },
  ];
}

function checkDivisor(name: string, value: number): void {
  check(Number.isFinite(value) && value >= 1, 'oneCycle', `${name} must be at least 1`, value, 'Try 25.');
}
