import { type Architecture, buildArchitecture } from '@resnet/models';
import type * as tf from '@tensorflow/tfjs';
import type { Trajectory } from './trajectory';

/** The network that a trajectory was recorded from; its weights are zeros, to be loaded. */
export function trajectoryModel({ blocksPerStage, block, shortcut, classes, images }: Trajectory): tf.LayersModel {
  const [, , channels = 0, height = 0, width = 0] = images.shape;
  return buildArchitecture(
    {
      family: 'cifar',
      blocksPerStage,
      block,
      ...shortcutOf(shortcut),
      strideIn: '3x3',
      classes,
      inputShape: [height, width, channels],
    },
    { zeros: true },
  );
}

/** `A-split` and `A-end` name option A and where its zero channels stand. */
function shortcutOf(recorded: Trajectory['shortcut']): Pick<Architecture, 'shortcut' | 'pad'> {
  switch (recorded) {
    case 'A-split':
      return { shortcut: 'A', pad: 'split' };
    case 'A-end':
      return { shortcut: 'A', pad: 'end' };
    default:
      return { shortcut: recorded, pad: 'end' };
  }
}
