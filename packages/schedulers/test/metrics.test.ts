import { constant, cosine, multistep, plateau, sequence, warmup, warmupUntil } from '@resnet/schedulers';
import { expect, it } from 'vitest';

it.each([
  ['cosine', cosine({ base: 1, steps: 9 }), []],
  ['plateau', plateau({ base: 1 }), ['validationLoss']],
  ['plateau of another metric', plateau({ base: 1, metric: 'trainLoss' }), ['trainLoss']],
  ['warmupUntil', warmupUntil({ rate: 0.1, below: 0.8, next: constant(1) }), ['trainError']],
  [
    'warmupUntil before a plateau',
    warmupUntil({ rate: 0.1, below: 0.8, next: plateau({ base: 1 }) }),
    ['trainError', 'validationLoss'],
  ],
  ['warmup before a plateau', warmup({ steps: 3, next: plateau({ base: 1 }) }), ['validationLoss']],
  [
    'sequence',
    sequence({
      schedules: [plateau({ base: 1 }), multistep({ base: 1, milestones: [4] }), plateau({ base: 1 })],
      milestones: [3, 9],
    }),
    ['validationLoss'],
  ],
])('%s says what it listens to', (_, schedule, metrics) => {
  expect(schedule.metrics ?? []).toEqual(metrics);
});
