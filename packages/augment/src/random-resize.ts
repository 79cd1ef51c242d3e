import { check, checkWhole } from './augment-error';
import { type CropWindow, crop } from './crop';
import { between, whole } from './draw';
import type { Augment, Image, Random, Size } from './image';
import { resize, resizeShorter } from './resize';

/** A lowest and a highest value, both possible. */
export type NumberRange = readonly [low: number, high: number];

/** Resizes the shorter side to a random length, by default 256 to 480 pixels as in the paper (§3.4). */
export function randomResizeShorter(range: NumberRange = [256, 480]): Augment {
  checkSides('randomResizeShorter', range);
  return (image, random) => resizeShorter(image, whole(random, ...range));
}

/** Sides in pixels, in order. */
export function checkSides(who: string, [low, high]: NumberRange): void {
  checkWhole(who, 'shortest side', low);
  checkWhole(who, 'longest side', high, low);
}

/** Options of {@link randomResizedCrop}. */
export interface RandomResizedCropOptions {
  /** Side of the result in pixels. */
  size: number;
  /** Area of the crop as a fraction of the image's. Default 0.08 to 1. */
  scale?: NumberRange;
  /** Width over height of the crop. Default 3/4 to 4/3. */
  ratio?: NumberRange;
}

/**
 * Cuts a random part of random shape and resizes it to a square (Szegedy et al. 2015). torchvision's `RandomResizedCrop`.
 */
export function randomResizedCrop({
  size,
  scale = [0.08, 1],
  ratio = [3 / 4, 4 / 3],
}: RandomResizedCropOptions): Augment {
  checkWhole('randomResizedCrop', 'size', size);
  check(
    scale[0] > 0 && scale[1] <= 1 && scale[0] <= scale[1],
    'randomResizedCrop',
    'scale must rise within (0, 1]',
    scale,
    'Try [0.08, 1].',
  );
  check(
    ratio[0] > 0 && ratio[0] <= ratio[1],
    'randomResizedCrop',
    'ratio must rise from above 0',
    ratio,
    'Try [0.75, 1.33].',
  );
  return (image, random) => resizedCrop(image, drawPart(image, scale, ratio, random), { height: size, width: size });
}

/** Cuts a window and resizes it. Pixels outside the window have no influence. */
export const resizedCrop = (image: Image, window: CropWindow, size: Size): Image => resize(crop(image, window), size);

/** Draws the part of an image that {@link randomResizedCrop} cuts: ten attempts, then the largest in the middle that fits. */
export function drawPart(image: Size, scale: NumberRange, ratio: NumberRange, random: Random): CropWindow {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = image.height * image.width * between(random, ...scale);
    const shape = Math.exp(between(random, Math.log(ratio[0]), Math.log(ratio[1])));
    const width = Math.round(Math.sqrt(area * shape));
    const height = Math.round(Math.sqrt(area / shape));
    if (width < 1 || height < 1 || width > image.width || height > image.height) continue;
    const top = whole(random, 0, image.height - height);
    return { top, left: whole(random, 0, image.width - width), height, width };
  }
  const width = Math.max(Math.min(image.width, Math.round(image.height * ratio[1])), 1);
  const height = Math.max(Math.min(image.height, Math.round(image.width / ratio[0])), 1);
  return { top: Math.floor((image.height - height) / 2), left: Math.floor((image.width - width) / 2), height, width };
}
