import { centerView, normalize, type Image as Pixels, toFloats } from '@resnet/augment';

/** An image: `height · width · channels` numbers, bytes or floats in [0, 1], channels last. */
export type Image = Pixels;

/** How images become what the network sees. Decided when a run starts, and kept in its folder. */
export interface Preprocessing {
  /** Side of the square that the network is trained on, in pixels. */
  imageSize: number;
  /** Images are resized until their shorter side is this long, then cropped; null where those of `imageSize` stay as they are. */
  shorterSide: number | null;
  /**
   * Where `shorterSide` is null: the shorter side for images that are not `imageSize` × `imageSize`. Default: `imageSize`.
   */
  fallbackSide?: number;
  /** Subtracted from values in [0, 1]: one number per channel, or one per pixel and channel. Null subtracts nothing. */
  mean: number[] | null;
  /** Divides the difference: one number per channel. Null divides by nothing. */
  std: number[] | null;
}

/** An image as the network takes it. */
export interface NormalizedImage {
  /** `height · width · channels` numbers, channels last. */
  data: Float32Array;
  /** In pixels. */
  height: number;
  /** In pixels. */
  width: number;
  /** Three for RGB. */
  channels: number;
}

/** How a single view is cut: options of `centerView`. */
export const viewOptions = ({ imageSize, shorterSide, fallbackSide }: Preprocessing) => ({
  shorter: shorterSide ?? fallbackSide ?? imageSize,
  size: imageSize,
  keepExact: shorterSide === null,
});

/** The single view of an image, before normalization. */
export const cutSingleView = (preprocessing: Preprocessing, image: Image): Image =>
  centerView(viewOptions(preprocessing))(image, neverRandom);

const neverRandom = (): never => {
  throw new Error('centerView draws nothing at random');
};

/** Normalizes an image that was cut to its view; a new image of floats. */
export function normalizeView({ mean, std }: Preprocessing, image: Image): NormalizedImage {
  const floats = toFloats(image);
  const { data, height, width, channels } = mean
    ? normalize(floats, { mean: meanFor(floats, mean), ...(std && { std }) })
    : floats;
  return { data: Float32Array.from(data), height, width, channels };
}

/** A per-pixel mean fits images of the training size; for others its average over the pixels is used. */
function meanFor({ data, channels }: Image, mean: readonly number[]): readonly number[] {
  return mean.length === channels || mean.length === data.length ? mean : channelMean(mean, channels);
}

/** The average over the pixels of a mean per pixel and channel. */
export const channelMean = (mean: readonly number[], channels: number): number[] => {
  const pixels = mean.length / channels;
  return Array.from(
    { length: channels },
    (_, c) => mean.reduce((sum, v, i) => sum + (i % channels === c ? v : 0), 0) / pixels,
  );
};

/** An image as the network sees it: cut to its single view and normalized. The one call for images of any source. */
export const preprocessImage = (preprocessing: Preprocessing, image: Image): NormalizedImage =>
  normalizeView(preprocessing, cutSingleView(preprocessing, image));
