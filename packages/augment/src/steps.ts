import { AugmentError } from './augment-error';
import { centerView } from './center-view';
import { type ColorJitterOptions, randomColorJitter } from './color-jitter';
import { compose } from './compose';
import { type CutoutOptions, randomCutout } from './cutout';
import { randomFlip } from './flip';
import { type Augment, fullScale } from './image';
import { type RandAugmentOptions, randAugment } from './rand-augment';
import { type RandomCropOptions, randomCrop } from './random-crop';
import { type RandomResizedCropOptions, randomResizedCrop } from './random-resize';

/** A step of an augmentation as plain data: `kind` is the function, the rest its options. Images come out as large as they went in. */
export type AugmentStep =
  | (StepOf<'randomResizedCrop'> & Omit<RandomResizedCropOptions, 'size'>)
  | (StepOf<'randomCrop'> & Pick<RandomCropOptions, 'padding'>)
  | (StepOf<'randomFlip'> & {
      /** Chance of a mirror image. Default 0.5. */
      readonly chance?: number;
    })
  | (StepOf<'colorJitter'> & ColorJitterOptions)
  | (StepOf<'randAugment'> & RandAugmentOptions)
  | (StepOf<'cutout'> & CutoutOptions);

/** What every {@link AugmentStep} has. */
export interface StepOf<Kind extends string> {
  /**
   * The function: {@link randomResizedCrop} to the size of the training images, as the first step, since it takes whole images; {@link randomCrop} of the
   * padded image; {@link randomFlip}; {@link randomColorJitter}; {@link randAugment}; {@link randomCutout}, with `fill` from 0 to 1, 0.5 by default.
   */
  readonly kind: Kind;
}

/** Options of {@link augmentSteps}. */
export interface AugmentStepsOptions {
  /** Side of the square that comes out, in pixels. */
  size: number;
  /** Where the first step takes no whole images: the shorter side that images are resized to before their middle is cut. Default: `size`. */
  shorter?: number;
  /** Applied in order. */
  steps: readonly AugmentStep[];
}

/**
 * An augmentation from plain data, which recipes hold and worker threads are sent. Images of other sizes are brought to `size` first: by
 * `randomResizedCrop` where that is the first step, else by their middle.
 *
 * @throws AugmentError for options that cannot work, and a `randomResizedCrop` that is not first.
 */
export function augmentSteps({ size, shorter = size, steps }: AugmentStepsOptions): Augment {
  const late = steps.findIndex(({ kind }, i) => kind === 'randomResizedCrop' && i > 0);
  if (late > 0) {
    throw new AugmentError(
      `augmentSteps: randomResizedCrop must be the first step, got it as step ${late + 1}. Move it.`,
    );
  }
  const whole = steps[0]?.kind === 'randomResizedCrop';
  const view = whole ? [] : [centerView({ shorter, size, keepExact: true })];
  return compose(...view, ...steps.map((step) => stepOf(step, size)));
}

function stepOf(step: AugmentStep, size: number): Augment {
  switch (step.kind) {
    case 'randomResizedCrop':
      return randomResizedCrop({ ...step, size });
    case 'randomCrop':
      return randomCrop({ padding: step.padding ?? 0, size });
    case 'randomFlip':
      return randomFlip(step.chance);
    case 'colorJitter':
      return randomColorJitter(step);
    case 'randAugment':
      return randAugment(step);
    case 'cutout': {
      const { fill = 0.5, ...options } = step;
      return (image, random) => randomCutout({ ...options, fill: fill * fullScale(image) })(image, random);
    }
  }
}
