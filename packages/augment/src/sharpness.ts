import { check } from './augment-error';
import { blank, checkImage, fullScale, type Image, imageOf } from './image';

/**
 * Moves values away from (factor above 1) or towards (below 1) a smoothed image, whose kernel is 1 all around and 5 in the
 * middle. The outermost pixels stay as they are. Bytes are rounded once; both kinds are clamped.
 */
export function sharpness(image: Image, factor: number): Image {
  checkImage('sharpness', image);
  check(factor >= 0 && factor < Infinity, 'sharpness', 'factor must be from 0', factor, '1 changes nothing.');
  const { data, height, width, channels } = image;
  const out = blank(image);
  out.set(data);
  const row = width * channels;
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * row + channels; i < (y + 1) * row - channels; i++) {
      const smooth = (4 * data[i]! + neighborhood(data, i, row, channels)) / 13;
      out[i] = Math.min(Math.max(factor * data[i]! + (1 - factor) * smooth, 0), fullScale(image));
    }
  }
  return imageOf(out, image, channels);
}

/** The sum of a value and its eight neighbors. */
function neighborhood(data: Image['data'], at: number, row: number, channels: number): number {
  let sum = 0;
  for (const start of [at - row, at, at + row]) sum += data[start - channels]! + data[start]! + data[start + channels]!;
  return sum;
}
