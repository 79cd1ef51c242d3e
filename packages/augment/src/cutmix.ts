import {
  type Batch,
  type BatchAugment,
  checkMix,
  type MixOptions,
  type MixPlan,
  mixLabels,
  type SoftBatch,
} from './batch';
import type { CropWindow } from './crop';
import { clip } from './cutout';
import { whole } from './draw';
import type { Random } from './image';
import { drawMix } from './mixup';

/** Pastes a rectangle of another image of the batch into each (Yun et al. 2019). Default `alpha` 1. */
export function randomCutmix({ classes, alpha = 1 }: MixOptions): BatchAugment {
  checkMix('randomCutmix', classes, alpha);
  return (batch, random) => {
    const { partners, share } = drawMix(batch, alpha, random);
    return cutmix(batch, { partners, window: drawPatch(batch, share, random) }, classes);
  };
}

/** The source of each image's patch, and the patch. */
export interface CutmixPlan {
  /** For each image, the index of the image that the patch comes from. */
  readonly partners: MixPlan['partners'];
  /** The patch, clipped to the image; `mirrored` is ignored. */
  readonly window: CropWindow;
}

/** Replaces what the window covers by the partner's pixels; labels are mixed by area. */
export function cutmix(batch: Batch, { partners, window }: CutmixPlan, classes: number): SoftBatch {
  const { data, shape } = batch.images;
  const [count, height, width, channels] = shape;
  const { top, left, ...patch } = clip(window, { height, width });
  const pasted = data.slice();
  for (let n = 0; n < count; n++) {
    for (let y = top; y < top + patch.height; y++) {
      const from = ((partners[n]! * height + y) * width + left) * channels;
      pasted.set(data.subarray(from, from + patch.width * channels), ((n * height + y) * width + left) * channels);
    }
  }
  const share = 1 - (patch.height * patch.width) / (height * width);
  const labels = mixLabels('cutmix', batch, { partners, share }, classes);
  return { images: { data: pasted, shape: [...shape] }, labels };
}

/** Draws a rectangle with the images' aspect ratio and `1 - share` of their area, centered at a random place. */
export function drawPatch({ images }: Batch, share: number, random: Random): CropWindow {
  const [, height, width] = images.shape;
  const side = Math.sqrt(1 - share);
  const size = { height: Math.floor(height * side), width: Math.floor(width * side) };
  const top = whole(random, 0, height - 1) - Math.floor(size.height / 2);
  return { top, left: whole(random, 0, width - 1) - Math.floor(size.width / 2), ...size };
}
