import { constant, cosine, multistep, plateau, type Schedule, warmup, warmupUntil } from '@resnet/schedulers';
import type { Recipe } from '../recipe/schema';

/** The schedule that a recipe describes. */
export function scheduleOf({ schedule, warmUp, steps }: Recipe): Schedule {
  const main = mainSchedule(schedule, steps);
  return warmUp ? warmupUntil({ rate: warmUp.rate, below: warmUp.untilTrainError, next: main }) : main;
}

function mainSchedule(schedule: Recipe['schedule'], steps: number): Schedule {
  const { rate: base } = schedule;
  switch (schedule.kind) {
    case 'constant':
      return constant(base);
    case 'multistep':
      return multistep({ base, milestones: schedule.milestones, factor: schedule.factor });
    case 'plateau':
      return plateau({ base, factor: schedule.factor, patience: schedule.patience, metric: schedule.metric });
    case 'cosine': {
      const next = cosine({ base, steps: steps - schedule.warmup, min: schedule.floor });
      return schedule.warmup > 0 ? warmup({ steps: schedule.warmup, next }) : next;
    }
  }
}
