import { check } from './augment-error';
import { blank, checkImage, fullScale, type Image, imageOf } from './image';

/**
 * `factor · image`, clamped: 0 is black, 1 changes nothing. Like all color operations it clamps bytes to 0…255, rounding
 * once, and floats to [0, 1]: apply it before normalization.
 */
export const brightness = (image: Image, factor: number): Image => blend('brightness', image, factor, () => 0);

/** Moves values away from (factor above 1) or towards (below 1) the mean gray of the image. 0 is that gray. */
export function contrast(image: Image, factor: number): Image {
  const pixels = image.height * image.width;
  let total = 0;
  for (let pixel = 0; pixel < pixels; pixel++) total += gray(image, pixel);
  return blend('contrast', image, factor, () => total / pixels);
}

/** Moves colors away from (factor above 1) or towards (below 1) gray. 0 is a gray image. */
export const saturation = (image: Image, factor: number): Image => blend('saturation', image, factor, gray);

/** The luma of a pixel (ITU-R 601-2, torchvision's digits), or its only channel. */
function gray({ data, channels }: Image, pixel: number): number {
  const at = pixel * channels;
  return channels === 1 ? data[at]! : 0.2989 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
}

/** `factor · image + (1 - factor) · other`, where `other` has a value for each pixel. */
function blend(who: string, image: Image, factor: number, other: (image: Image, pixel: number) => number): Image {
  checkColors(who, image);
  check(factor >= 0 && factor < Infinity, who, 'factor must be from 0', factor, '1 changes nothing.');
  const { data, channels } = image;
  const out = blank(image);
  const most = fullScale(image);
  for (let i = 0, pixel = 0; i < data.length; pixel++) {
    const rest = (1 - factor) * other(image, pixel);
    for (const end = i + channels; i < end; i++) out[i] = Math.min(Math.max(factor * data[i]! + rest, 0), most);
  }
  return imageOf(out, image, channels);
}

/** Colors are red, green and blue, or gray. */
export function checkColors(who: string, image: Image): void {
  checkImage(who, image);
  const { channels } = image;
  check(channels === 1 || channels === 3, who, 'an image must have 1 or 3 channels', channels, 'Drop the others.');
}
