import { checkWhole } from './augment-error';
import type { CropWindow } from './crop';
import { blank, checkImage, type Image, imageOf, type Size } from './image';

/**
 * Resizes by antialiased bilinear interpolation: a triangle filter as wide as what one output pixel covers, as in Pillow and
 * torchvision. Bytes are rounded once, at the end; sums are float32 in the order of the pixels, so that the result is the same to the
 * bit wherever it is computed in this way.
 *
 * @param window The part of the resized image to compute, inside it. Default: all of it.
 */
export function resize(image: Image, size: Size, window: CropWindow = { top: 0, left: 0, ...size }): Image {
  checkSizes(image, size, window);
  const { channels } = image;
  const rows = resizeTaps(image.height, size.height, window.top, window.height);
  const columns = resizeTaps(image.width, size.width, window.left, window.width);
  const first = rows.starts[0]!;
  const bands = resizeRows(image, columns, window.mirrored === true, first, endOf(rows));
  const out = blank(image, window);
  const stride = window.width * channels;
  const sum = new Float32Array(stride);
  for (let y = 0; y < window.height; y++) {
    sum.fill(0);
    for (let j = 0; j < rows.count; j++) {
      const weight = rows.weights[y * rows.count + j]!;
      const source = (rows.starts[y]! - first + j) * stride;
      for (let i = 0; i < stride; i++) sum[i]! += Math.fround(weight * bands[source + i]!);
    }
    out.set(sum, y * stride);
  }
  return imageOf(out, window, channels);
}

/** The size of an image whose shorter side becomes `side`; the longer is rounded down, as in torchvision. */
export function shorterSide({ height, width }: Size, side: number): Size {
  if (height <= width) return { height: side, width: Math.floor((side * width) / height) };
  return { height: Math.floor((side * height) / width), width: side };
}

/** {@link resize} to a shorter side of `side` pixels. */
export const resizeShorter = (image: Image, side: number): Image => resize(image, shorterSide(image, side));

/** The input pixels along one axis that make each output pixel. */
export interface ResizeTaps {
  /** How many for each output pixel. */
  readonly count: number;
  /** The first of them, for each output pixel; they rise. */
  readonly starts: Int32Array;
  /** `count` for each output pixel, whose sum is 1. */
  readonly weights: Float32Array;
}

/** Taps of {@link resize} along one axis, from `input` to `output` pixels, for the output pixels `from … from + length - 1`. */
export function resizeTaps(input: number, output: number, from: number, length: number): ResizeTaps {
  const scale = input / output;
  const reach = Math.max(scale, 1);
  const count = Math.min(Math.ceil(2 * reach), input);
  const starts = new Int32Array(length);
  const weights = new Float32Array(length * count);
  for (let i = 0; i < length; i++) {
    const center = (from + i + 0.5) * scale;
    const start = Math.max(Math.trunc(center - reach + 0.5), 0);
    // Rounding alone could exceed `count`, by a pixel of weight 0.
    const end = Math.min(Math.trunc(center + reach + 0.5), input, start + count);
    // At the far edge further pixels come before, with a weight of 0: there are none after.
    starts[i] = Math.min(start, input - count);
    const at = i * count - starts[i]!;
    let total = 0;
    for (let j = start; j < end; j++) {
      weights[at + j] = Math.max(1 - Math.abs(j + 0.5 - center) / reach, 0);
      total += weights[at + j]!;
    }
    for (let j = start; j < end; j++) weights[at + j]! /= total;
  }
  return { count, starts, weights };
}

/** The input pixel after the last that is needed. */
const endOf = ({ count, starts }: ResizeTaps): number => starts[starts.length - 1]! + count;

/** Input rows `first … end - 1`, each resized to `columns`. */
function resizeRows(
  { data, width, channels }: Image,
  { count, starts, weights }: ResizeTaps,
  mirrored: boolean,
  first: number,
  end: number,
): Float32Array {
  const length = starts.length;
  const bands = new Float32Array((end - first) * length * channels);
  for (let y = first; y < end; y++) {
    for (let x = 0; x < length; x++) {
      const source = (y * width + starts[x]!) * channels;
      const target = ((y - first) * length + (mirrored ? length - 1 - x : x)) * channels;
      for (let k = 0; k < channels; k++) {
        let sum = 0;
        for (let j = 0; j < count; j++) {
          sum = Math.fround(sum + Math.fround(weights[x * count + j]! * data[source + j * channels + k]!));
        }
        bands[target + k] = sum;
      }
    }
  }
  return bands;
}

function checkSizes(image: Image, size: Size, window: CropWindow): void {
  checkImage('resize', image);
  checkWhole('resize', 'height', size.height);
  checkWhole('resize', 'width', size.width);
  checkWhole('resize', 'top', window.top, 0);
  checkWhole('resize', 'left', window.left, 0);
  checkWhole('resize', 'rows below the window', size.height - window.top - window.height, 0);
  checkWhole('resize', 'columns right of the window', size.width - window.left - window.width, 0);
}
