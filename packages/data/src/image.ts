/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** Pixels in rows, channels last. Bytes are 0…255; floats are in [0, 1] unless normalised. */
export interface Image {
  readonly data: Uint8Array | Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Returns a changed image and leaves its input untouched. */
export type Augment = (image: Image, random: Random) => Image;
