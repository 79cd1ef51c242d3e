import type { Dataset } from './dataset';
import { BYTES, drawShape, SIDE } from './draw-shape';
import type { OpenedDataset } from './opened';
import { noSplit } from './packed';
import { packedDataset } from './packed-dataset';
import { seededRandom } from './random';
import { SHAPES } from './shape-fields';
import { shared } from './shared-memory';

/** Which generated images. */
export interface ShapesOptions {
  /** Splits share no image. Default `train`. */
  readonly split?: 'train' | 'test';
  /** Default 10,000 for `train`, 2,000 for `test`. Image `i` does not depend on it. */
  readonly length?: number;
  /** Default 0. */
  readonly seed?: number;
}

const CLASSES = Object.keys(SHAPES);
const FIELDS = Object.values(SHAPES);
const LENGTHS = { train: 10_000, test: 2_000 } as const;

/**
 * Ten classes of 32×32 color images, drawn on the spot: a shape of random place, size, proportion, tilt and color on a noisy
 * gradient, some under a stray line. Color and brightness tell nothing of the class, so a linear model stays near chance.
 * Equal options give equal bytes; image `i` has label `i mod 10`.
 */
export function shapes10({ split = 'train', length = LENGTHS[split], seed = 0 }: ShapesOptions = {}): Dataset {
  if (!Number.isInteger(length) || length < 1)
    throw new RangeError(`shapes10: length must be at least 1, got ${length}.`);
  const labels = shared(Uint16Array, length);
  const pixels = shared(Uint8Array, length * BYTES);
  // Rounds and clamps on the way in.
  const clamped = new Uint8ClampedArray(pixels.buffer);
  for (let i = 0; i < length; i++) {
    labels[i] = i % CLASSES.length;
    drawShape(FIELDS[labels[i]!]!, seededRandom(seed, split === 'train' ? 0 : 1, i), clamped, i * BYTES);
  }
  return packedDataset({
    name: `shapes10-${split}-${seed}-${length}`,
    classes: CLASSES,
    shape: [SIDE, SIDE, 3],
    labels,
    pixels,
  });
}

/** shapes10 as a source with its two splits. */
export function openShapes(): OpenedDataset {
  const splits = Object.keys(LENGTHS);
  return {
    kind: 'shapes10',
    classes: CLASSES,
    splits,
    cached: null,
    skipped: [],
    otherFiles: {},
    brokenImages: 0,
    read: async (split) => {
      if (split !== 'train' && split !== 'test') throw noSplit('shapes10', split, splits);
      return shapes10({ split });
    },
  };
}
