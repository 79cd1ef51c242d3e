import { checkWhole } from './augment-error';
import { whole } from './draw';
import type { Augment } from './image';
import { type ChannelStatistics, normalize } from './normalize';
import { type ColorComponents, drawColorShift, imagenetColors } from './pca-color';
import { planned } from './planned';
import { randomCrop } from './random-crop';
import { checkSides, type NumberRange } from './random-resize';
import { shorterSide } from './resize';

/** Options of {@link imagenet}. */
export interface ImagenetAugmentOptions {
  /** Side of the crop in pixels. Default 224. */
  size?: number;
  /** Lengths of the shorter side to draw from. Default 256 to 480. */
  shorter?: NumberRange;
  /** Components of the PCA color shift; null for none. Default: ImageNet's. */
  colors?: ColorComponents | null;
  /** Normalizes at the end, by channel statistics or a per-pixel mean of the crop. Default: not normalized. */
  statistics?: ChannelStatistics;
}

/**
 * The paper's augmentation of ImageNet (§3.4): the shorter side resized to a random length, a random crop, a mirror image
 * half of the time, the PCA color shift. Only the crop is resized. Without `statistics` it is a `PlannedAugment`. The result is floats, not clamped after the shift.
 *
 * @throws AugmentError, when it is used, if the crop does not fit: keep `shorter` from `size` up.
 */
export function imagenet(options: ImagenetAugmentOptions = {}): Augment {
  const { size = 224, shorter = [256, 480], colors = imagenetColors, statistics } = options;
  checkWhole('imagenet', 'size', size);
  checkSides('imagenet', shorter);
  const { window } = randomCrop({ size, flip: 0.5 });
  const augment = planned((image, random) => {
    const scaled = shorterSide(image, whole(random, ...shorter));
    return {
      scaled,
      window: window(scaled, random),
      shift: colors ? drawColorShift(colors, 0.1, random) : [0, 0, 0],
    };
  });
  return statistics ? (image, random) => normalize(augment(image, random), statistics) : augment;
}
