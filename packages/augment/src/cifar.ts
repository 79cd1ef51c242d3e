import { randomCrop, type WindowAugment } from './random-crop';

/**
 * The paper's augmentation of CIFAR-10 (§4.2): 4 pixels of padding on each side, a random crop of the image's own size, and
 * a mirror image half of the time. One pass over the pixels.
 *
 * The paper subtracts the per-pixel mean first, so that padding is 0 afterwards: use `augmentInto`, or `normalize` before.
 */
export const cifar = (): WindowAugment => randomCrop({ padding: 4, flip: 0.5 });
