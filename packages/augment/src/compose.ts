import type { Augment, Random, Size } from './image';
import type { WindowAugment } from './random-crop';

/** Applies augmentations left to right. If the last one cuts a window, so does the composition: see `augmentInto`. */
export function compose(...augments: Augment[]): Augment {
  const last = augments[augments.length - 1];
  if (last && cutsWindow(last)) return precede(inTurn(augments.slice(0, -1)), last);
  return inTurn(augments);
}

/** One augmentation before another that cuts a window. */
export function precede(first: Augment, last: WindowAugment): WindowAugment {
  const before = last.before ? inTurn([first, last.before]) : first;
  return Object.assign(inTurn([first, last]), {
    before,
    window: (image: Size, random: Random) => last.window(image, random),
  });
}

/** Whether an augmentation ends by cutting a window. */
export const cutsWindow = (augment: Augment): augment is WindowAugment => 'window' in augment;

const inTurn =
  (augments: readonly Augment[]): Augment =>
  (image, random) =>
    augments.reduce((result, augment) => augment(result, random), image);
