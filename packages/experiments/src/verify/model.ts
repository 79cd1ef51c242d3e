import { buildArchitecture } from '@resnet/models';
import type * as tf from '@tensorflow/tfjs';
import type { Trajectory } from './trajectory';

/** The network that a trajectory was recorded from; its weights are zeros, to be loaded. */
export function trajectoryModel({ blocksPerStage, block, shortcut, classes, images }: Trajectory): tf.LayersModel {
  const [, , channels = 0, height = 0, width = 0] = images.shape;
  const [kind, pad] = options[shortcut];
  return buildArchitecture(
    {
      family: 'cifar',
      blocksPerStage,
      block,
      shortcut: kind,
      pad,
      strideIn: '3x3', // bottlenecks have their stride in the 3×3
      classes,
      inputShape: [height, width, channels],
    },
    { zeros: true },
  );
}

const options = {
  'A-split': ['A', 'split'],
  'A-end': ['A', 'end'],
  B: ['B', 'end'],
  C: ['C', 'end'],
  none: ['none', 'end'],
} as const;
