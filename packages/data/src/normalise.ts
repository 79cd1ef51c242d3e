import type { Image } from './image';

/**
 * `(value − mean) / std`, for values in [0, 1].
 *
 * `mean` and `std` have one number a channel or, for images of one shape, one a pixel and channel (`height · width · channels`,
 * the paper's per-pixel mean). What `statistics` returns fits.
 */
export interface Normalisation {
  readonly mean: ArrayLike<number>;
  /** Default 1 everywhere. */
  readonly std?: ArrayLike<number>;
  /**
   * Before augmentation instead of after it, so that padding is the mean and a per-pixel mean stays with its pixels, as in §4.2.
   * Augmentation then sees normalised floats: leave colour operations out. Default false, torchvision's order.
   */
  readonly first?: boolean;
}

/** Writes an image into a batch: bytes become [0, 1], then the normalisation, if any, is applied. */
export type WritePixels = (image: Image, target: Float32Array, offset: number) => void;

/** Bytes divided by 255; floats as they are. */
export const writePlain: WritePixels = ({ data }, target, offset) => {
  if (data instanceof Float32Array) return target.set(data, offset);
  for (let i = 0; i < data.length; i++) target[offset + i] = data[i]! / 255;
};

/** Prepares a normalisation as one multiplication and one addition a value. */
export function writeNormalised({ mean, std }: Normalisation): WritePixels {
  const factor = Float64Array.from(mean, (_, i) => 1 / (std?.[i] ?? 1));
  const shift = Float64Array.from(mean, (value, i) => -value * factor[i]!);
  check(mean, std, factor);
  return (image, target, offset) => {
    const { data, channels } = image;
    const unit = data instanceof Float32Array ? 1 : 1 / 255;
    const period = mean.length;
    if (period !== channels && period !== data.length) {
      throw new RangeError(
        `batches: normalise.mean must have ${channels} numbers (channels) or ${data.length} (pixels), got ${period}. Take both from statistics() of this data.`,
      );
    }
    for (let start = 0; start < data.length; start += period) {
      for (let i = 0; i < period; i++) target[offset + start + i] = data[start + i]! * unit * factor[i]! + shift[i]!;
    }
  };
}

function check(mean: ArrayLike<number>, std: ArrayLike<number> | undefined, factor: Float64Array): void {
  if (std && std.length !== mean.length) {
    throw new RangeError(`batches: normalise.std must be as long as mean, ${mean.length}, got ${std.length}.`);
  }
  if (!factor.every(Number.isFinite))
    throw new RangeError('batches: normalise.std must have no zero. Use 1 for constant channels.');
}

/** A normalised copy as floats. */
export function normaliseImage(image: Image, write: WritePixels): Image {
  const data = new Float32Array(image.data.length);
  write(image, data, 0);
  return { ...image, data };
}
