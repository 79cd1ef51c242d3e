import { BYTES, drawShape, SIDE } from './draw-shape';
import { seededRandom } from './random';
import { SHAPES } from './shape-fields';

/** Which generated images. */
export interface ShapesOptions {
  /** Splits share no image. Default `train`. */
  readonly split?: 'train' | 'test';
  /** Default 10,000 for `train`, 2,000 for `test`. Image `i` does not depend on it. */
  readonly length?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** Generated images, without anything of Node or of threads. */
export interface ShapeImages {
  /** `length · 32 · 32 · 3` bytes, channels last. */
  readonly pixels: Uint8Array;
  /** An index into {@link shapeClasses} for each. */
  readonly labels: ArrayLike<number>;
}

/** Names of the ten shapes. */
export const shapeClasses: readonly string[] = Object.keys(SHAPES);

/** Height, width and channels of each image. */
export const shapeSize = [SIDE, SIDE, 3] as const;

/** Images of a split, where nobody says otherwise. */
export const shapeLengths = { train: 10_000, test: 2_000 } as const;

/** Draws the images of `shapes10`: equal options give equal bytes; image `i` has label `i mod 10`. */
export function drawShapes({
  split = 'train',
  length = shapeLengths[split],
  seed = 0,
}: ShapesOptions = {}): ShapeImages {
  const pixels = new Uint8Array(length * BYTES);
  fillShapes(pixels, { split, length, seed });
  return { pixels, labels: Uint8Array.from({ length }, (_, i) => i % shapeClasses.length) };
}

/** {@link drawShapes}, into memory of the caller's. */
export function fillShapes(pixels: Uint8Array, { split, length, seed }: Required<ShapesOptions>): void {
  const fields = Object.values(SHAPES);
  // Rounds and clamps on the way in.
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  for (let i = 0; i < length; i++) {
    drawShape(fields[i % fields.length]!, seededRandom(seed, split === 'train' ? 0 : 1, i), clamped, i * BYTES);
  }
}
