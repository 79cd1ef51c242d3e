import type { Recipe } from '../schema';
import { cifar10 } from './cifar10';

/** The CIFAR protocol on generated shapes, shortened to minutes: needs no data. */
export const shapes10: Recipe = {
  ...cifar10,
  name: 'shapes10',
  data: 'shapes10',
  holdOut: 1000,
  steps: 300,
  schedule: { kind: 'multistep', base: 0.1, milestones: [200, 250], factor: 0.1 },
  validateEvery: 100,
  checkpointEvery: 100,
};
