import { compose, precede } from './compose';
import { toFloats } from './convert';
import { type ColorComponents, randomPcaColor } from './pca-color';
import { randomCrop, type WindowAugment } from './random-crop';

/** Options of {@link cifar}. */
export interface CifarAugmentOptions {
  /** Adds a PCA color shift with these components, computed from the data. The result is floats then. */
  colors?: ColorComponents;
}

/**
 * The paper's augmentation of CIFAR-10 (§4.2): 4 pixels of padding on each side, a random crop of the image's own size, and
 * a mirror image half of the time. One pass over the pixels.
 *
 * The paper subtracts the per-pixel mean first, so that padding is 0 afterwards: use `augmentInto`, or `normalize` before.
 */
export function cifar({ colors }: CifarAugmentOptions = {}): WindowAugment {
  const window = randomCrop({ padding: 4, flip: 0.5 });
  return colors ? precede(compose(toFloats, randomPcaColor({ components: colors })), window) : window;
}
