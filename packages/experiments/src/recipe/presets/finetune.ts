import type { Recipe } from '../schema';
import { defaults } from './defaults';
import { imagenet } from './imagenet';

/**
 * A folder of one's own photographs in minutes, from pretrained weights: AdamW, a new head that learns ten times as fast, cosine with
 * warm-up, twenty epochs, a fifth of the images held out, the best weights kept. The weights say which network, image size and
 * normalization. Not of the paper: habits of fine-tuning, as torchvision's and timm's recipes have them.
 */
export const finetune: Recipe = {
  ...defaults,
  name: 'finetune',
  model: { name: 'resnet18' },
  imageSize: 224,
  normalize: imagenet.normalize,
  augment: [{ kind: 'randomResizedCrop', scale: [0.35, 1] }, { kind: 'randomFlip' }],
  validation: 0.2,
  steps: 1000,
  epochs: 20,
  batchSize: 16,
  schedule: { kind: 'cosine', base: 5e-4, min: 0, warmupSteps: 0.05 },
  headRate: 10,
  optimizer: 'adamw',
  weightDecay: 0.01,
  decay: 'without-norm-and-bias',
  labelSmoothing: 0.1,
  finalWeights: 'best',
  validateEvery: 'epoch',
  checkpointEvery: 200,
  keep: 1,
};
