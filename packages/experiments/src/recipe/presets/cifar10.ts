import type { Recipe } from '../schema';
import { defaults } from './defaults';

/** §4.2: ÷10 at 32k and 48k, stop at 64k; pad 4, random crop, flip; batch 128. */
export const cifar10: Recipe = {
  ...defaults,
  name: 'cifar10',
  model: { name: 'resnet20' },
  imageSize: 32,
  augment: 'cifar',
  steps: 64_000,
  batchSize: 128,
  schedule: { kind: 'multistep', base: 0.1, milestones: [32_000, 48_000], factor: 0.1 },
};

/** §4.2's ResNet-110: 0.01 until the training error is below 80 %, then the same schedule. */
export const cifar10Deep: Recipe = {
  ...cifar10,
  name: 'cifar10-110',
  model: { name: 'resnet110' },
  warmupUntil: { rate: 0.01, below: 0.8 },
};
