import type { Image } from '@resnet/augment';

/** Running sums over images, on their own scale of [0, 1]. */
export interface Moments {
  /** @throws RangeError where an image has other channels than the first. */
  add(image: Image): void;
  /** How many images and pixels were added. */
  readonly images: number;
  readonly pixels: number;
  /** The sum of each value of the image; null as soon as two images differ in shape. */
  readonly sums: Float64Array | null;
  /** Sums a channel. */
  readonly channelSums: Float64Array;
  /** Sums of the products of channels i and j, at `i · channels + j`. */
  readonly products: Float64Array;
}

/** Starts with nothing added. Sums of bytes are whole numbers and exact. */
export function moments(channels: number): Moments {
  const channelSums = new Float64Array(channels);
  const products = new Float64Array(channels * channels);
  let images = 0;
  let pixels = 0;
  let shape = '';
  let sums: Float64Array | null = null;
  const addPlaces = ({ data, height, width }: Image) => {
    const found = `${height}×${width}`;
    if (images === 0) [shape, sums] = [found, new Float64Array(data.length)];
    if (found !== shape) sums = null;
    if (sums) for (let i = 0; i < data.length; i++) sums[i]! += data[i]!;
  };
  return {
    add: (image) => {
      if (image.channels !== channels) {
        throw new RangeError(
          `datasetStatistics: images must have ${channels} channels, got ${image.channels}. Convert them in prepare.`,
        );
      }
      addPlaces(image);
      addProducts(image, channelSums, products);
      images++;
      pixels += image.height * image.width;
    },
    get images() {
      return images;
    },
    get pixels() {
      return pixels;
    },
    get sums() {
      return sums;
    },
    channelSums,
    products,
  };
}

function addProducts({ data, channels }: Image, sums: Float64Array, products: Float64Array): void {
  for (let at = 0; at < data.length; at += channels) {
    for (let i = 0; i < channels; i++) {
      const value = data[at + i]!;
      sums[i]! += value;
      for (let j = i; j < channels; j++) products[i * channels + j]! += value * data[at + j]!;
    }
  }
}
