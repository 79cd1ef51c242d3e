import { checkChance } from './augment-error';
import { crop } from './crop';
import type { Augment, Image } from './image';

/** Mirrors the image left to right. */
export const flip = (image: Image): Image =>
  crop(image, { top: 0, left: 0, height: image.height, width: image.width, mirrored: true });

/** Mirrors the image with a chance of `chance`. */
export function randomFlip(chance = 0.5): Augment {
  checkChance('randomFlip', chance);
  return (image, random) => (random() < chance ? flip(image) : image);
}
