import { checkWhole } from './augment-error';
import { blank, checkImage, fullScale, type Image, imageOf, type Size } from './image';
import { misfit, type Normalizer } from './normalize';

/** A rectangle of pixels, which may reach beyond the image, and whether it is seen in a mirror. */
export interface CropWindow extends Size {
  /** Row of the image that it begins at; below 0 above the image. */
  readonly top: number;
  /** First column; below 0 it is left of the image. */
  readonly left: number;
  /** Whether its pixels are mirrored left to right. Default: false. */
  readonly mirrored?: boolean;
}

/** Cuts a window out. Where it reaches beyond the image it sees `fill`, in the image's own scale. */
export function crop(image: Image, window: CropWindow, fill = 0): Image {
  checkWindow(image, window);
  const { data, channels } = image;
  const out = blank(image, window);
  if (fill !== 0) out.fill(fill);
  eachRow(image, window, (source, target, count) => {
    if (!window.mirrored) return out.set(data.subarray(source, source + count * channels), target);
    for (let s = source, t = target; s < source + count * channels; s += channels, t -= channels) {
      for (let k = 0; k < channels; k++) out[t + k] = data[s + k]!;
    }
  });
  return imageOf(out, window, channels);
}

/**
 * {@link crop} and normalize in one pass, straight into a batch: writes `height·width·channels` floats of the window to
 * `out` from `offset` on. Beyond the image they are 0, as if the image had been normalized first and cropped then, which is
 * what the paper does (§4.2). A mean for each value belongs to the image if it has its size, else to the window.
 *
 * @throws AugmentError if the statistics fit neither the channels, nor the image, nor the window.
 */
export function cropInto(image: Image, window: CropWindow, stats: Normalizer, out: Float32Array, offset: number): void {
  checkWindow(image, window);
  const { data, channels } = image;
  const { mean, inverse } = stats;
  const unit = 1 / fullScale(image);
  const ofWindow = window.height * window.width * channels;
  const [inImage, inWindow] = [mean.length === data.length, mean.length === ofWindow];
  if (!inImage && !inWindow && mean.length !== channels) throw misfit('cropInto', image, mean.length);
  const step = window.mirrored ? -channels : channels;
  const advance = inImage ? channels : inWindow ? step : 0;
  if (leaves(image, window)) out.fill(0, offset, offset + ofWindow);
  eachRow(image, window, (source, target, count) => {
    let m = inImage ? source : inWindow ? target : 0;
    let t = offset + target;
    for (let s = source; s < source + count * channels; s += channels) {
      for (let k = 0; k < channels; k++) out[t + k] = (data[s + k]! * unit - mean[m + k]!) * inverse[m + k]!;
      t += step;
      m += advance;
    }
  });
}

/** Adds `border` pixels of `fill` on each side. */
export function pad(image: Image, border: number, fill = 0): Image {
  checkWhole('pad', 'border', border, 0);
  const size = { height: image.height + 2 * border, width: image.width + 2 * border };
  return crop(image, { top: -border, left: -border, ...size }, fill);
}

/** Calls back for each row of the window with pixels of the image: position of the first pixel, its destination, their number. */
function eachRow(
  image: Image,
  window: CropWindow,
  visit: (source: number, target: number, count: number) => void,
): void {
  const { channels } = image;
  const first = Math.max(window.left, 0);
  const count = Math.min(window.left + window.width, image.width) - first;
  const column = window.mirrored ? window.left + window.width - 1 - first : first - window.left;
  if (count <= 0) return;
  const from = Math.max(-window.top, 0);
  const end = Math.min(window.height, image.height - window.top);
  for (let y = from; y < end; y++) {
    visit(((window.top + y) * image.width + first) * channels, (y * window.width + column) * channels, count);
  }
}

const leaves = (image: Image, { top, left, height, width }: CropWindow): boolean =>
  top < 0 || left < 0 || top + height > image.height || left + width > image.width;

function checkWindow(image: Image, { top, left, height, width }: CropWindow): void {
  checkImage('crop', image);
  checkWhole('crop', 'top', top, -Infinity);
  checkWhole('crop', 'left', left, -Infinity);
  checkWhole('crop', 'height', height);
  checkWhole('crop', 'width', width);
}
