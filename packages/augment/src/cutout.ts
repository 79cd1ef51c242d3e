import { checkChance, checkWhole } from './augment-error';
import type { CropWindow } from './crop';
import { whole } from './draw';
import { type Augment, checkImage, type Image, type Random, type Size } from './image';

/** Options of {@link randomCutout}. */
export interface CutoutOptions {
  /** Side of the square in pixels; 16 is the article's for CIFAR-10. */
  size: number;
  /** Chance of a square. Default 1. */
  chance?: number;
  /** What the square is filled with, in the image's own scale. Default 0, which is the mean after normalization. */
  fill?: number;
}

/** Fills a square centered at a random place of the image (DeVries and Taylor 2017). It may reach beyond the edge. */
export function randomCutout({ size, chance = 1, fill = 0 }: CutoutOptions): Augment {
  checkWhole('randomCutout', 'size', size);
  checkChance('randomCutout', chance);
  return (image, random) => (random() < chance ? cutout(image, drawSquare(image, size, random), fill) : image);
}

/** Paints over what a window covers of the image. */
export function cutout(image: Image, window: CropWindow, fill = 0): Image {
  checkImage('cutout', image);
  const { width, channels } = image;
  const data = image.data.slice();
  const covered = clip(window, image);
  for (let y = covered.top; y < covered.top + covered.height; y++) {
    const start = (y * width + covered.left) * channels;
    data.fill(fill, start, start + covered.width * channels);
  }
  return { ...image, data };
}

/** Draws a square whose middle is in the image. */
export function drawSquare({ height, width }: Size, size: number, random: Random): CropWindow {
  const top = whole(random, 0, height - 1) - Math.floor(size / 2);
  return { top, left: whole(random, 0, width - 1) - Math.floor(size / 2), height: size, width: size };
}

/** The part of a window that lies in the image. */
export function clip({ top, left, height, width }: CropWindow, image: Size): CropWindow {
  const [y, x] = [Math.max(top, 0), Math.max(left, 0)];
  const rows = Math.max(Math.min(top + height, image.height) - y, 0);
  const columns = Math.max(Math.min(left + width, image.width) - x, 0);
  return { top: y, left: x, height: rows, width: columns };
}
