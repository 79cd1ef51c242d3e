export { AugmentError } from './augment-error';
export { type AugmentIntoOptions, augmentInto } from './augment-into';
export { cifar } from './cifar';
export { compose } from './compose';
export { crop, cropInto, pad, type Window } from './crop';
export { flip, randomFlip } from './flip';
export type { Augment, Image, Random, Size } from './image';
export { type Normalizer, normalize, normalizeInto, normalizer, type Statistics } from './normalize';
export { type RandomCropOptions, randomCrop, type WindowAugment } from './random-crop';
