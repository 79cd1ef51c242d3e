import { AugmentError } from './augment-error';

/** Pixels in rows, channels last. Bytes are 0…255; floats are in [0, 1] unless normalized. */
export interface Image {
  /** `height · width · channels` values. */
  readonly data: Uint8Array | Float32Array;
  /** In pixels. */
  readonly height: number;
  /** In pixels. */
  readonly width: number;
  /** Values a pixel; operations on colors take 1 (gray) or 3 (RGB). */
  readonly channels: number;
}

/** Height and width in pixels. */
export type Size = Pick<Image, 'height' | 'width'>;

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * Returns a changed image of the same kind of pixels, bytes or floats, and leaves its input untouched. Where nothing is to
 * be changed the result may be the input itself. All randomness comes from `random`: the same numbers give the same image.
 */
export type Augment = (image: Image, random: Random) => Image;

/** What the largest intensity is: 255 in bytes, 1 in floats. */
export const fullScale = (image: Image): number => (image.data instanceof Uint8Array ? 255 : 1);

/** Zeros for an image of `size`, in the type of this image's values. Bytes are rounded and clamped when written. */
export const blank = (image: Image, { height, width }: Size = image): Uint8ClampedArray | Float32Array =>
  new (image.data instanceof Uint8Array ? Uint8ClampedArray : Float32Array)(height * width * image.channels);

/** The image that `blank` values became. */
export function imageOf(data: Uint8ClampedArray | Float32Array, { height, width }: Size, channels: number): Image {
  return { data: data instanceof Float32Array ? data : new Uint8Array(data.buffer), height, width, channels };
}

/**
 * Checks that an image has as many values as its shape.
 *
 * @throws AugmentError if not.
 */
export function checkImage(who: string, { data, height, width, channels }: Image): void {
  if (height > 0 && width > 0 && channels > 0 && data.length === height * width * channels) return;
  const shape = `${height}×${width}×${channels}`;
  throw new AugmentError(
    `${who}: an image must hold height·width·channels values, got ${data.length} for ${shape}. Check its shape.`,
  );
}
