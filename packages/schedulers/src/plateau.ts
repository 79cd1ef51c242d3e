import { checkStep, type Schedule } from './schedule';
import { check, checkFactor, checkRate } from './schedule-error';
import { fields, numberIn } from './state';

/** Options of {@link plateau}; the defaults are PyTorch's. */
export interface PlateauOptions {
  /** The first rate. */
  base: number;
  /** The metric to watch. Default `validationLoss`. */
  metric?: string;
  /** Whether lower is better, as in losses, or higher. Default `min`. */
  mode?: 'min' | 'max';
  /** Multiplies the rate at each plateau. Default: 0.1. */
  factor?: number;
  /** Observations without improvement before a cut. Default 10. */
  patience?: number;
  /** How much better counts as an improvement. Default 1e-4. */
  threshold?: number;
  /** Whether the threshold is a fraction of the best value or an amount. Default `rel`. */
  thresholdMode?: 'rel' | 'abs';
  /** Observations after a cut that are not counted. Default 0. */
  cooldown?: number;
  /** Never cut below this. Default 0. */
  min?: number;
  /** Smallest change of the rate: a smaller cut is not made. Default 1e-8. */
  eps?: number;
}

/** Cuts the rate when a metric has stopped improving. PyTorch's `ReduceLROnPlateau`. The step plays no part. */
export function plateau(options: PlateauOptions): Schedule {
  const settings = withDefaults(options);
  checkOptions(settings);
  const { metric, factor, patience, cooldown, min, eps } = settings;
  const improves = improvement(settings);
  let now: State = { rate: settings.base, best: null, bad: 0, cooling: 0 };
  return {
    metrics: [metric],
    rate(step) {
      checkStep(step);
      return now.rate;
    },
    observe(metrics) {
      const value = metrics[metric];
      if (value === undefined) return;
      const better = improves(value, now.best);
      const cooling = Math.max(now.cooling - 1, 0);
      const bad = better || now.cooling > 0 ? 0 : now.bad + 1;
      now = { ...now, best: better ? value : now.best, bad, cooling };
      if (bad <= patience) return;
      const rate = Math.max(now.rate * factor, min);
      now = { ...now, rate: now.rate - rate > eps ? rate : now.rate, bad: 0, cooling: cooldown };
    },
    state: () => ({ ...now }),
    restore(state) {
      const saved = fields('plateau', state);
      const number = (key: string) => numberIn('plateau', saved, key);
      const best = saved.best === null ? null : number('best');
      now = { rate: number('rate'), best, bad: number('bad'), cooling: number('cooling') };
    },
  };
}

/** `best` is null before the first finite observation, since JSON has no infinity. */
type State = { rate: number; best: number | null; bad: number; cooling: number };

function withDefaults(options: PlateauOptions): Required<PlateauOptions> {
  const { base, metric = 'validationLoss', mode = 'min', factor = 0.1, patience = 10 } = options;
  const { threshold = 1e-4, thresholdMode = 'rel', cooldown = 0, min = 0, eps = 1e-8 } = options;
  return { base, metric, mode, factor, patience, threshold, thresholdMode, cooldown, min, eps };
}

/** Whether a value improves on the best so far. Infinities and NaN never do. */
function improvement({ mode, threshold, thresholdMode }: Required<PlateauOptions>) {
  const sign = mode === 'min' ? 1 : -1;
  const bar = (best: number) => (thresholdMode === 'rel' ? best * (1 - sign * threshold) : best - sign * threshold);
  return (value: number, best: number | null): boolean =>
    Number.isFinite(value) && (best === null || sign * value < sign * bar(best));
}

function checkOptions(options: Required<PlateauOptions>): void {
  checkRate('plateau', 'base', options.base);
  checkFactor('plateau', options.factor);
  checkChoice('mode', options.mode, ['min', 'max']);
  checkChoice('thresholdMode', options.thresholdMode, ['rel', 'abs']);
  for (const name of ['patience', 'threshold', 'cooldown', 'min', 'eps'] as const) {
    const value = options[name];
    check(Number.isFinite(value) && value >= 0, 'plateau', `${name} must be from 0`, value, UNSURE);
  }
}

function checkChoice(name: string, value: string, choices: readonly string[]): void {
  check(
    choices.includes(value),
    'plateau',
    `${name} must be ${choices.join(' or ')}`,
    value,
    'Leave it out if unsure.',
  );
}

const UNSURE = 'Leave it out if unsure.';
