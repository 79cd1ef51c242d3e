import type { Recipe } from '../schema';
import { defaults } from './defaults';

/** §3.4: batch 256, 0.1 divided by 10 when the error plateaus, at most 600k iterations. */
export const imagenet: Recipe = {
  ...defaults,
  name: 'imagenet',
  model: { name: 'resnet18' },
  imageSize: 224,
  // ImageNet's published channel statistics, so that nothing must be computed before training. The paper's is `per-pixel-mean` (§3.4).
  normalize: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  augment: 'imagenet',
  steps: 600_000,
  batchSize: 256,
  // The paper names neither metric nor patience. These are our choice: the validation error after each epoch, and patience 5.
  schedule: { kind: 'plateau', base: 0.1, factor: 0.1, patience: 5, metric: 'validationError' },
  validateEvery: 5_005,
  checkpointEvery: 1_000,
  crops: 10,
};

/** The slide deck's variant: weight decay 1e-5 where the paper has 1e-4. */
export const imagenetDeck: Recipe = { ...imagenet, name: 'imagenet-deck', weightDecay: 1e-5 };
