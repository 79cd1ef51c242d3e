import {
  constant,
  cosine,
  exponential,
  multistep,
  oneCycle,
  plateau,
  polynomial,
  restarts,
  type Schedule,
  stepDecay,
  warmup,
  warmupUntil,
} from '@resnet/schedulers';
import type { Recipe } from '../recipe/schema';

/** The schedule that a recipe describes. */
export function scheduleOf({ schedule, warmupUntil: start, steps }: Recipe): Schedule {
  const warming = warmupStepsOf(schedule, steps);
  const main = mainSchedule(schedule, steps - warming);
  const next = warming > 0 ? warmup({ steps: warming, next: main }) : main;
  return start ? warmupUntil({ ...start, next }) : next;
}

/** Iterations of linear rise; a share of all of them counts from 1. */
export function warmupStepsOf(schedule: Recipe['schedule'], steps: number): number {
  const said = 'warmupSteps' in schedule ? schedule.warmupSteps : 0;
  return said > 0 && said < 1 ? Math.max(1, Math.round(said * steps)) : said;
}

/** @param steps Iterations left to it. */
function mainSchedule(schedule: Recipe['schedule'], steps: number): Schedule {
  switch (schedule.kind) {
    case 'constant':
      return constant(schedule.base);
    case 'multistep':
      return multistep(schedule);
    case 'plateau':
      return plateau(schedule);
    case 'cosine':
      return cosine({ base: schedule.base, min: schedule.min, steps });
    case 'oneCycle':
      return oneCycle({ ...schedule, steps });
    case 'step':
      return stepDecay(schedule);
    case 'exponential':
      return exponential(schedule);
    case 'polynomial':
      return polynomial({ ...schedule, steps });
    case 'restarts':
      return restarts(schedule);
  }
}
