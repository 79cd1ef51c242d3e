export { AugmentError } from './augment-error';
export { type AugmentIntoOptions, augmentInto } from './augment-into';
export type { Batch, BatchAugment, MixOptions, MixPlan, SoftBatch } from './batch';
export { type CenterViewOptions, centerView } from './center-view';
export { type CifarAugmentOptions, cifar } from './cifar';
export {
  type ColorChange,
  type ColorJitterOptions,
  changeColors,
  drawColorChanges,
  randomColorJitter,
} from './color-jitter';
export { brightness, contrast, saturation } from './colors';
export { compose } from './compose';
export { toBytes, toFloats } from './convert';
export { type CropWindow, crop, cropInto, pad } from './crop';
export { type CutmixPlan, cutmix, drawPatch, randomCutmix } from './cutmix';
export { type CutoutOptions, cutout, drawSquare, randomCutout } from './cutout';
export { centerCrop, centerWindow, fiveCrop, tenCrop } from './fixed-crops';
export { flip, randomFlip } from './flip';
export { hue } from './hue';
export type { Augment, Image, Random, Size } from './image';
export { type ImagenetAugmentOptions, imagenet } from './imagenet';
export { autoContrast, equalize, posterize, solarize } from './levels';
export { drawMix, mixup, randomMixup } from './mixup';
export { type ChannelStatistics, type Normalizer, normalize, normalizeInto, normalizer } from './normalize';
export {
  type ColorComponents,
  colorShift,
  drawColorShift,
  imagenetColors,
  type PcaColorOptions,
  randomPcaColor,
  shiftColors,
} from './pca-color';
export { applyPlan, isPlanned, type PlannedAugment, planned, type ResizePlan } from './planned';
export {
  applySteps,
  drawSteps,
  type RandAugmentName,
  type RandAugmentOptions,
  type RandAugmentStep,
  randAugment,
} from './rand-augment';
export { type RandomCropOptions, randomCrop, type WindowAugment } from './random-crop';
export {
  drawPart,
  type NumberRange,
  type RandomResizedCropOptions,
  randomResizedCrop,
  randomResizeShorter,
  resizedCrop,
} from './random-resize';
export { type ResizeTaps, resize, resizeShorter, resizeTaps, shorterSide } from './resize';
export { sharpness } from './sharpness';
export { shiftInto } from './shift-into';
export { type AugmentStep, type AugmentStepsOptions, augmentSteps, type StepOf } from './steps';
export { type Affine, rotate, shearX, shearY, translate, warp } from './warp';
