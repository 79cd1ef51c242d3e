import { cosineAnneal } from './cosine';
import { type Schedule, schedule } from './schedule';
import { check, checkRate, checkSteps } from './schedule-error';

/** Goes from one rate to another along a straight line as `progress` goes from 0 to 1. */
export const linearAnneal = (from: number, to: number, progress: number): number => from + (to - from) * progress;

const strategies = { cos: cosineAnneal, linear: linearAnneal };

/** Options of {@link oneCycle}, by PyTorch's names. */
export interface OneCycleOptions {
  /** The highest rate. */
  maxRate: number;
  /** Length of the cycle: its last step is `steps - 1`. */
  steps: number;
  /** The part of the cycle that rises. Default 0.3. */
  pctStart?: number;
  /** The first rate is `maxRate / divFactor`. Default 25. */
  divFactor?: number;
  /** The last rate is the first divided by this. Default 10,000. */
  finalDivFactor?: number;
  /** Falls back to the first rate as fast as it rose, and only then to the last. */
  threePhase?: boolean;
  /** The shape of each phase: `cos`, half a cosine, by default, or `linear`. */
  annealStrategy?: keyof typeof strategies;
}

/**
 * Rises to `maxRate`, falls to almost nothing and stays there (Smith and Topin 2018). PyTorch's `OneCycleLR`, of which the
 * momentum is not cycled.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { annealStrategy = 'cos' } = options;
  const known = Object.hasOwn(strategies, annealStrategy);
  check(known, 'oneCycle', 'annealStrategy must be cos or linear', annealStrategy, "Try 'cos'.");
  const anneal = strategies[annealStrategy];
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
  const { maxRate, steps, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4, threePhase = false } = options;
  checkRate('oneCycle', 'maxRate', maxRate);
  checkSteps('oneCycle', 'steps', steps);
  checkDivisor('divFactor', divFactor);
  checkDivisor('finalDivFactor', finalDivFactor);
  const most = threePhase ? 0.5 : 1;
  check(
    pctStart > 0 && pctStart <= most,
    'oneCycle',
    `pctStart must be above 0, at most ${most}`,
    pctStart,
    'Try 0.3.',
  );
  const [first, top, last] = [maxRate / divFactor, pctStart * steps - 1, steps - 1];
  check(
    top > 0 && top < last,
    'oneCycle',
    'pctStart * steps must be between 1 and steps',
    pctStart * steps,
    'Add steps.',
  );
  return [
    { step: 0, rate: first },
    { step: top, rate: maxRate },
    ...(threePhase ? [{ step: 2 * top, rate: first }] : []),
    { step: last, rate: first / finalDivFactor },
  ];
}

function checkDivisor(name: string, value: number): void {
  check(Number.isFinite(value) && value >= 1, 'oneCycle', `${name} must be at least 1`, value, 'Try 25.');
}
