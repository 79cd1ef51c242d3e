import { type Augment, isPlanned, normalizer, shiftInto } from '@resnet/augment';
import type { BatchPlan } from './batch-plan';
import type { ReadyImage } from './batch-stack';
import type { Dataset } from './dataset';
import { decodeRegion } from './decode';
import { seededRandom } from './random';
import { regionPlan, resizeRegion } from './resizer';

/** Reads image `index` of a data set, augmented. */
export type ReadyReader = (index: number) => Promise<ReadyImage>;

/**
 * Reads images by drawing first and decoding then: no more of an image is decoded than the window needs, and one pass resizes it. The
 * result is that of the augmentation's own call, to the bit.
 *
 * @returns Null unless the images come as files and the augmentation draws a plan.
 */
export function plannedReader(dataset: Dataset, plan: BatchPlan, augment: Augment | null): ReadyReader | null {
  const { readEncoded } = dataset;
  if (!readEncoded || !augment || !isPlanned(augment)) return null;
  const statistics = normalizer(plan.normalize ?? { mean: [0, 0, 0] });
  return async (index) => {
    const { bytes, file, maxPixels, label } = await readEncoded(index);
    const random = seededRandom(plan.seed, plan.epoch, index);
    const draw = (size: { height: number; width: number }) => {
      const drawn = augment.plan(size, random);
      return { ...regionPlan(size, drawn), shift: drawn.shift };
    };
    const { image, choice } = await decodeRegion(bytes, file, draw, maxPixels);
    const size = { height: choice.window.height, width: choice.window.width, channels: CHANNELS };
    return {
      ...size,
      label,
      write: (out, offset) =>
        shiftInto({ ...size, data: resizeRegion(image.data, choice) }, choice.shift, statistics, out, offset),
    };
  };
}

/** `decodeRegion` gives RGB. */
const CHANNELS = 3;
