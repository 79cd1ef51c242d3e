import { check, checkWhole } from './augment-error';
import { brightness, contrast, saturation } from './colors';
import { whole } from './draw';
import type { Augment, Image, Random } from './image';
import { autoContrast, equalize, posterize, solarize } from './levels';
import { sharpness } from './sharpness';
import { rotate, shearX, shearY, translate } from './warp';

/** An operation with a strength from 0 to 1, or from -1 if its direction is random. */
interface Operation {
  readonly signed: boolean;
  apply(image: Image, strength: number): Image;
}

const signed = (apply: Operation['apply']): Operation => ({ signed: true, apply });
const unsigned = (apply: Operation['apply']): Operation => ({ signed: false, apply });

/** Translation at full strength, as a share of the image (the article: 150 of 331 pixels). */
const reach = 150 / 331;

/** RandAugment's fourteen, with torchvision's ranges. */
const operations = {
  identity: unsigned((image) => image),
  shearX: signed((image, strength) => shearX(image, 0.3 * strength)),
  shearY: signed((image, strength) => shearY(image, 0.3 * strength)),
  translateX: signed((image, strength) => translate(image, Math.trunc(reach * image.width * strength), 0)),
  translateY: signed((image, strength) => translate(image, 0, Math.trunc(reach * image.height * strength))),
  rotate: signed((image, strength) => rotate(image, 30 * strength)),
  brightness: signed((image, strength) => brightness(image, 1 + 0.9 * strength)),
  color: signed((image, strength) => saturation(image, 1 + 0.9 * strength)),
  contrast: signed((image, strength) => contrast(image, 1 + 0.9 * strength)),
  sharpness: signed((image, strength) => sharpness(image, 1 + 0.9 * strength)),
  posterize: unsigned((image, strength) => posterize(image, 8 - Math.round(4 * strength))),
  solarize: unsigned((image, strength) => solarize(image, 1 - strength)),
  autoContrast: unsigned(autoContrast),
  equalize: unsigned(equalize),
};

/** Names of the operations of {@link randAugment}. */
export type RandAugmentName = keyof typeof operations;

/** One operation and how strong it is. */
export interface RandAugmentStep {
  /** Which of the fourteen. */
  readonly name: RandAugmentName;
  /** Strength as a share of its range, 0 to 1; below 0 in the opposite direction. */
  readonly strength: number;
}

/** Options of {@link randAugment}, by torchvision's names. */
export interface RandAugmentOptions {
  /** Operations an image. Default 2. */
  numOps?: number;
  /** Strength of all of them, 0 to 30. Default 9. */
  magnitude?: number;
}

/**
 * A few operations, drawn from fourteen, each equally likely (Cubuk et al. 2020). torchvision's `RandAugment`. Apply it
 * before normalization.
 */
export function randAugment({ numOps = 2, magnitude = 9 }: RandAugmentOptions = {}): Augment {
  checkWhole('randAugment', 'numOps', numOps, 0);
  check(magnitude >= 0 && magnitude <= 30, 'randAugment', 'magnitude must be from 0 to 30', magnitude, 'Try 9.');
  return (image, random) => applySteps(image, drawSteps(numOps, magnitude, random));
}

/** Applies operations in order. */
export const applySteps = (image: Image, steps: readonly RandAugmentStep[]): Image =>
  steps.reduce((result, { name, strength }) => operations[name].apply(result, strength), image);

/** Draws operations: names and directions. */
export function drawSteps(count: number, magnitude: number, random: Random): RandAugmentStep[] {
  return Array.from({ length: count }, () => {
    const name = names[whole(random, 0, names.length - 1)]!;
    const strength = magnitude / 30;
    return { name, strength: operations[name].signed && random() < 0.5 ? -strength : strength };
  });
}

const names: readonly RandAugmentName[] = [
  'identity',
  'shearX',
  'shearY',
  'translateX',
  'translateY',
  'rotate',
  'brightness',
  'color',
  'contrast',
  'sharpness',
  'posterize',
  'solarize',
  'autoContrast',
  'equalize',
];
