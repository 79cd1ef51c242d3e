import type { Augment, Image, Random } from './image';
import type { WindowAugment } from './random-crop';

/** Applies augmentations left to right. Where the last cuts a window, so does the whole: see `augmentInto`. */
export function compose(...augments: Augment[]): Augment {
  const whole: Augment = (image, random) => augments.reduce((result, augment) => augment(result, random), image);
  const last = augments[augments.length - 1];
  if (!last || !cutsWindow(last)) return whole;
  const before = compose(...augments.slice(0, -1), ...(last.before ? [last.before] : []));
  return Object.assign(whole, { before, window: (image: Image, random: Random) => last.window(image, random) });
}

/** Whether an augmentation ends by cutting a window. */
export const cutsWindow = (augment: Augment): augment is WindowAugment => 'window' in augment;
