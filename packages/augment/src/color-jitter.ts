import { check } from './augment-error';
import { brightness, contrast, saturation } from './colors';
import { between, shuffled } from './draw';
import { hue } from './hue';
import type { Augment, Image, Random } from './image';

/** How far each may go: a factor is drawn from [1 - x, 1 + x], but not below 0, a hue shift from [-x, x]. */
export interface ColorJitterOptions {
  /** Default: 0, no change. */
  brightness?: number;
  /** Default: 0, no change. */
  contrast?: number;
  /** Default: 0, no change. */
  saturation?: number;
  /** At most 0.5, half a turn. Default: 0, no change. */
  hue?: number;
}

const operations = { brightness, contrast, saturation, hue };

/** One change of colors: a factor, or the shift of a hue. */
export interface ColorChange {
  /** Which of the functions of this name changes the image. */
  readonly kind: keyof typeof operations;
  /** A factor from 0, where 1 changes nothing; for `hue` a part of a full circle, −0.5…0.5. */
  readonly amount: number;
}

/** Changes brightness, contrast, saturation and hue, in random order. torchvision's `ColorJitter`. */
export function randomColorJitter(options: ColorJitterOptions): Augment {
  for (const kind of kinds) {
    const most = kind === 'hue' ? 0.5 : Infinity;
    const value = options[kind] ?? 0;
    check(value >= 0 && value <= most, 'randomColorJitter', `${kind} must be from 0 to ${most}`, value, 'Try 0.4.');
  }
  return (image, random) => changeColors(image, drawColorChanges(options, random));
}

/** Applies changes in order. */
export const changeColors = (image: Image, changes: readonly ColorChange[]): Image =>
  changes.reduce((result, { kind, amount }) => operations[kind](result, amount), image);

/** Draws what {@link randomColorJitter} does: an amount for each kind that may change, then their order. */
export function drawColorChanges(options: ColorJitterOptions, random: Random): ColorChange[] {
  const changes = kinds.flatMap((kind): ColorChange[] => {
    const reach = options[kind] ?? 0;
    if (reach === 0) return [];
    const amount = kind === 'hue' ? between(random, -reach, reach) : between(random, Math.max(1 - reach, 0), 1 + reach);
    return [{ kind, amount }];
  });
  return shuffled(changes, random);
}

const kinds = ['brightness', 'contrast', 'saturation', 'hue'] as const;
