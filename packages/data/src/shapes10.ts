import type { Dataset } from './dataset';
import { BYTES } from './draw-shape';
import { fillShapes, type ShapesOptions, shapeClasses, shapeLengths, shapeSize } from './draw-shapes';
import type { OpenedDataset } from './opened';
import { noSplit } from './packed';
import { packedDataset } from './packed-dataset';
import { shared } from './shared-memory';

/**
 * Ten classes of 32×32 color images, drawn on the spot: a shape of random place, size, proportion, tilt and color on a noisy
 * gradient, some under a stray line. Color and brightness tell nothing of the class, so a linear model stays near chance.
 * Equal options give equal bytes; image `i` has label `i mod 10`.
 */
export function shapes10({ split = 'train', length = shapeLengths[split], seed = 0 }: ShapesOptions = {}): Dataset {
  if (!Number.isInteger(length) || length < 1)
    throw new RangeError(`shapes10: length must be at least 1, got ${length}.`);
  const labels = shared(Uint16Array, length);
  const pixels = shared(Uint8Array, length * BYTES);
  for (let i = 0; i < length; i++) labels[i] = i % shapeClasses.length;
  fillShapes(pixels, { split, length, seed });
  return packedDataset({
    name: `shapes10-${split}-${seed}-${length}`,
    classes: shapeClasses,
    shape: shapeSize,
    labels,
    pixels,
  });
}

/** shapes10 as a source with its two splits. */
export function openShapes(): OpenedDataset {
  const splits = Object.keys(shapeLengths);
  return {
    kind: 'shapes10',
    classes: shapeClasses,
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
