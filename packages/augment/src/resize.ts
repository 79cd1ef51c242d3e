import { checkWhole } from './augment-error';
import type { CropWindow } from './crop';
import { blank, checkImage, type Image, imageOf, type Size } from './image';

/**
 * Resizes by antialiased bilinear interpolation: a triangle filter as wide as what one output pixel covers, as in Pillow and
 * torchvision. Bytes are rounded once, at the end.
 *
 * @param window What to make of the resized image, inside it; all unless told. The rest is not computed.
 */
export function resize(image: Image, size: Size, window: CropWindow = { top: 0, left: 0, ...size }): Image {
  checkSizes(image, size, window);
  const { channels } = image;
  const rows = taps(image.height, size.height, window.top, window.height);
  const columns = taps(image.width, size.width, window.left, window.width);
  if (window.mirrored) columns.reverse();
  const first = rows[0]!.start;
  const last = rows[rows.length - 1]!;
  const bands = resizeRows(image, columns, first, last.start + last.weights.length);
  const out = blank(image, window);
  const stride = columns.length * channels;
  const sum = new Float32Array(stride);
  rows.forEach(({ start, weights }, y) => {
    sum.fill(0);
    weights.forEach((weight, j) => {
      const source = (start - first + j) * stride;
      for (let i = 0; i < stride; i++) sum[i]! += weight * bands[source + i]!;
    });
    out.set(sum, y * stride);
  });
  return imageOf(out, window, channels);
}

/** The size of an image whose shorter side becomes `side`; the longer is rounded down, as in torchvision. */
export function shorterSide({ height, width }: Size, side: number): Size {
  if (height <= width) return { height: side, width: Math.floor((side * width) / height) };
  return { height: Math.floor((side * height) / width), width: side };
}

/** {@link resize} to a shorter side of `side` pixels. */
export const resizeShorter = (image: Image, side: number): Image => resize(image, shorterSide(image, side));

/** The input pixels that make one output pixel. */
interface Taps {
  readonly start: number;
  readonly weights: Float32Array;
}

/** Taps of the output pixels `from … from + count - 1` along one axis. */
function taps(input: number, output: number, from: number, count: number): Taps[] {
  const scale = input / output;
  const reach = Math.max(scale, 1);
  return Array.from({ length: count }, (_, i) => {
    const center = (from + i + 0.5) * scale;
    const start = Math.max(Math.trunc(center - reach + 0.5), 0);
    const end = Math.min(Math.trunc(center + reach + 0.5), input);
    const weights = Float32Array.from({ length: end - start }, (_, j) =>
      Math.max(1 - Math.abs(start + j + 0.5 - center) / reach, 0),
    );
    const total = weights.reduce((sum, weight) => sum + weight);
    return { start, weights: weights.map((weight) => weight / total) };
  });
}

/** Input rows `first … end - 1`, each resized to `columns`. */
function resizeRows({ data, width, channels }: Image, columns: Taps[], first: number, end: number): Float32Array {
  const bands = new Float32Array((end - first) * columns.length * channels);
  let target = 0;
  for (let y = first; y < end; y++) {
    for (const { start, weights } of columns) {
      const source = (y * width + start) * channels;
      for (let k = 0; k < channels; k++) {
        let sum = 0;
        for (let j = 0; j < weights.length; j++) sum += weights[j]! * data[source + j * channels + k]!;
        bands[target++] = sum;
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
