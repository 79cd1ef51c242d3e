import { constant, cosine, multistep, plateau, type Schedule, warmup, warmupUntil } from '@resnet/schedulers';
import type { Recipe } from '../recipe/schema';

/** The schedule that a recipe describes. */
export function scheduleOf({ schedule, warmupUntil: start, steps }: Recipe): Schedule {
  const next = mainSchedule(schedule, steps);
  return start ? warmupUntil({ ...start, next }) : next;
}

function mainSchedule(schedule: Recipe['schedule'], steps: number): Schedule {
  switch (schedule.kind) {
    case 'constant':
      return constant(schedule.base);
    case 'multistep':
      return multistep(schedule);
    case 'plateau':
      return plateau(schedule);
    case 'cosine': {
      const { base, min, warmupSteps } = schedule;
      const next = cosine({ base, min, steps: steps - warmupSteps });
      return warmupSteps > 0 ? warmup({ steps: warmupSteps, next }) : next;
    }
  }
}
