import { blank, checkImage, type Image, imageOf } from './image';

/** Where an output pixel comes from: `[a·x + b·y + c, d·x + e·y + f]`. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/**
 * Moves pixels, nearest neighbor; what comes from beyond the image is 0. Coordinates are in pixels, at pixel centers, from
 * the point `origin` (in [0, 1] of the image's width and height).
 */
export function warp(image: Image, [a, b, c, d, e, f]: Affine, origin = 0): Image {
  checkImage('warp', image);
  const { data, height, width, channels } = image;
  const out = blank(image);
  const [x0, y0] = [origin * width - 0.5, origin * height - 0.5];
  for (let y = 0, target = 0; y < height; y++) {
    for (let x = 0; x < width; x++, target += channels) {
      const column = Math.round(a * (x - x0) + b * (y - y0) + c + x0);
      const row = Math.round(d * (x - x0) + e * (y - y0) + f + y0);
      if (column < 0 || row < 0 || column >= width || row >= height) continue;
      const source = (row * width + column) * channels;
      for (let k = 0; k < channels; k++) out[target + k] = data[source + k]!;
    }
  }
  return imageOf(out, image, channels);
}

/** Shears the image to the left by `slope` pixels per row, from the top. */
export const shearX = (image: Image, slope: number): Image => warp(image, [1, slope, 0, 0, 1, 0]);

/** Shears the image upward by `slope` pixels per column, from the left. */
export const shearY = (image: Image, slope: number): Image => warp(image, [1, 0, 0, slope, 1, 0]);

/** Moves the image to the right and down by whole pixels. */
export const translate = (image: Image, right: number, down: number): Image => warp(image, [1, 0, -right, 0, 1, -down]);

/** Turns the image about its middle, counter-clockwise. */
export function rotate(image: Image, degrees: number): Image {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return warp(image, [cos, -sin, 0, sin, cos, 0], 0.5);
}
