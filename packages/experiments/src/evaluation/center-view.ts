import { type Augment, centerCrop, resizeShorter } from '@resnet/augment';

/**
 * The single view of an image of any size: its shorter side resized, its centre cropped (§3.4's testing).
 * A module of its own, so that worker threads can load it by name.
 */
export const centre =
  ({ shorter, size }: { shorter: number; size: number }): Augment =>
  (image) =>
    centerCrop(resizeShorter(image, shorter), size);
