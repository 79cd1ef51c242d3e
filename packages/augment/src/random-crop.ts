import { check, checkChance, checkWhole } from './augment-error';
import { type CropWindow, crop } from './crop';
import { whole } from './draw';
import type { Augment, Image, Random, Size } from './image';

/** Options of {@link randomCrop}. */
export interface RandomCropOptions {
  /** Side of the crop, or its height and width; default: the image's own. */
  size?: number | Size;
  /** Pixels of black on each side that the crop may reach into. Default 0. */
  padding?: number;
  /** Chance of a mirror image. Default 0. */
  flip?: number;
}

/**
 * An augmentation whose last (or only) step cuts a window. `augmentInto` does that and normalization in one pass.
 */
export interface WindowAugment extends Augment {
  /** What comes before the window is cut, if anything. */
  readonly before?: Augment;
  /** Draws the window to cut from what `before` made of the image. */
  window(image: Size, random: Random): CropWindow;
}

/**
 * Cuts a window at a uniformly random place and mirrors it with probability `flip`. Padding is not materialized: the window reaches
 * beyond the image and reads 0 there. Draws the top, the left and, if `flip` is above 0, the mirror.
 *
 * @throws AugmentError, when it is used, if the padded image is smaller than the crop.
 */
export function randomCrop(options: RandomCropOptions = {}): WindowAugment {
  const { size, padding = 0, flip = 0 } = options;
  checkWhole('randomCrop', 'padding', padding, 0);
  checkChance('randomCrop', flip);
  const window = (image: Size, random: Random): CropWindow => {
    const { height, width } = typeof size === 'number' ? { height: size, width: size } : (size ?? image);
    const top = whole(random, -padding, room('height', image.height + padding, height, padding));
    const left = whole(random, -padding, room('width', image.width + padding, width, padding));
    return { top, left, height, width, mirrored: flip > 0 && random() < flip };
  };
  return Object.assign((image: Image, random: Random) => crop(image, window(image, random)), { window });
}

/** The largest offset at which the crop fits. */
function room(side: string, end: number, length: number, padding: number): number {
  const fits = length <= end + padding;
  check(fits, 'randomCrop', `${side} must be at most ${end + padding}`, length, 'Resize or pad the image first.');
  return end - length;
}
