import { AugmentError } from './augment-error';
import { checkImage, fullScale, type Image } from './image';

/** Statistics of images on the scale [0, 1]. */
export interface ChannelStatistics {
  /** One value a channel, or one a value of the image (height·width·channels): the paper's per-pixel mean. */
  readonly mean: ArrayLike<number>;
  /** As many as `mean`. Default: all 1. */
  readonly std?: ArrayLike<number>;
}

/** Statistics made ready by {@link normalizer}. */
export interface Normalizer {
  /** One a channel or one a value of the image, on the scale [0, 1]. */
  readonly mean: Float32Array;
  /** 1 / std, as many as `mean`. */
  readonly inverse: Float32Array;
}

/**
 * Makes statistics ready for use, once for many images.
 *
 * @throws AugmentError if a deviation is not above 0, or there are not as many as means.
 */
export function normalizer({ mean, std }: ChannelStatistics): Normalizer {
  const inverse = new Float32Array(mean.length).fill(1);
  if (std) inverse.set(Array.from(std, (value) => 1 / value));
  const bad = std ? Array.from(std).find((value) => !(value > 0)) : undefined;
  if (bad !== undefined) throw new AugmentError(`normalizer: std must be above 0, got ${bad}. Use 1 to leave as is.`);
  return { mean: Float32Array.from(mean), inverse };
}

/**
 * `(pixel - mean) / std` as floats, where `pixel` is on [0, 1]: bytes are divided by 255 first, and the means are of that
 * scale.
 *
 * @throws AugmentError if the statistics fit neither the channels nor the whole image.
 */
export function normalize(image: Image, statistics: ChannelStatistics): Image {
  const data = new Float32Array(image.data.length);
  normalizeInto(image, normalizer(statistics), data, 0);
  return { ...image, data };
}

/** {@link normalize} into `out` from `offset` on, which the caller owns. */
export function normalizeInto(image: Image, { mean, inverse }: Normalizer, out: Float32Array, offset: number): void {
  checkImage('normalize', image);
  const { data } = image;
  const period = mean.length;
  if (period !== data.length && period !== image.channels) throw misfit('normalize', image, period);
  const unit = 1 / fullScale(image);
  for (let start = 0; start < data.length; start += period) {
    for (let i = 0; i < period; i++) out[offset + start + i] = (data[start + i]! * unit - mean[i]!) * inverse[i]!;
  }
}

/** Leaves pixels as they are, on [0, 1]. */
export const plain = (channels: number): Normalizer => normalizer({ mean: new Float32Array(channels) });

/** The error for statistics of another shape. */
export const misfit = (who: string, { height, width, channels }: Image, got: number): AugmentError =>
  new AugmentError(
    `${who}: means must be one a channel (${channels}) or one a value (${height}·${width}·${channels}), got ${got}. Compute them from images of this shape.`,
  );
