import { toFloats } from './convert';
import type { CropWindow } from './crop';
import type { Augment, Image, Random, Size } from './image';
import { shiftColors } from './pca-color';
import { resize } from './resize';

/** A resize, a crop and a color shift, all decided before a pixel is seen. */
export interface ResizePlan {
  /** Size of the whole image after the resize. */
  readonly scaled: Size;
  /** What to keep of the resized image, inside it. */
  readonly window: CropWindow;
  /** Added to each channel of the result as floats, on [0, 1]; null leaves the result as it is. */
  readonly shift: readonly number[] | null;
}

/**
 * An augmentation that draws all that it does from the size of an image, so that whoever reads encoded images can decode only
 * the pixels that are needed. It is the reference of such readers: `augment(image, random)` is
 * `applyPlan(image, augment.plan(image, random))`.
 */
export interface PlannedAugment extends Augment {
  /** Draws what to do to an image of this size. */
  plan(image: Size, random: Random): ResizePlan;
}

/** The augmentation that draws a plan and applies it. */
export const planned = (plan: PlannedAugment['plan']): PlannedAugment =>
  Object.assign((image: Image, random: Random) => applyPlan(image, plan(image, random)), { plan });

/** Whether an augmentation draws a plan: see {@link PlannedAugment}. */
export const isPlanned = (augment: Augment): augment is PlannedAugment => 'plan' in augment;

/** Resizes, cuts and shifts colors as planned. Bytes are rounded after the resize; a shift makes floats of them, not clamped. */
export function applyPlan(image: Image, { scaled, window, shift }: ResizePlan): Image {
  const cut = resize(image, scaled, window);
  if (!shift) return cut;
  const floats = toFloats(cut);
  return shift.every((value) => value === 0) ? floats : shiftColors(floats, shift);
}
