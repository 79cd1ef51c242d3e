import { check } from './augment-error';
import { normal } from './draw';
import type { Augment } from './image';
import { blank, checkImage, fullScale, type Image, imageOf, type Random } from './image';

/** Principal components of colors on [0, 1]. */
export interface ColorComponents {
  /** Eigenvalues of the covariance matrix. */
  readonly values: readonly number[];
  /** A row for each channel, a column for each eigenvector. */
  readonly vectors: readonly (readonly number[])[];
}

/** Principal components of ImageNet's training images, as in fb.resnet.torch. */
export const imagenetColors: ColorComponents = {
  values: [0.2175, 0.0188, 0.0045],
  vectors: [
    [-0.5675, 0.7192, 0.4009],
    [-0.5808, -0.0045, -0.814],
    [-0.5836, -0.6948, 0.4203],
  ],
};

/** Options of {@link randomPcaColor}. */
export interface PcaColorOptions {
  /** Components of the data's own colors. Default: ImageNet's. */
  components?: ColorComponents;
  /** Standard deviation of the amounts. Default 0.1. */
  deviation?: number;
}

/**
 * Shifts all pixels along the principal components of color by normally distributed amounts (Krizhevsky et al. 2012,
 * §4.1; He et al. 2015, §3.4). Apply it before normalization.
 */
export function randomPcaColor({ components = imagenetColors, deviation = 0.1 }: PcaColorOptions = {}): Augment {
  check(deviation >= 0, 'randomPcaColor', 'deviation must be from 0', deviation, 'The paper has 0.1.');
  return (image, random) => shiftColors(image, drawColorShift(components, deviation, random));
}

/** Adds a number to each channel, on the scale [0, 1]. Bytes are rounded and clamped; floats are not. */
export function shiftColors(image: Image, shift: readonly number[]): Image {
  checkImage('shiftColors', image);
  const { data, channels } = image;
  check(shift.length === channels, 'shiftColors', `there must be ${channels} shifts`, shift.length, 'One a channel.');
  const out = blank(image);
  const scale = fullScale(image);
  for (let i = 0; i < data.length; i += channels) {
    for (let k = 0; k < channels; k++) out[i + k] = data[i + k]! + scale * shift[k]!;
  }
  return imageOf(out, image, channels);
}

/** What amounts along the components add to each channel: `vectors · (amounts · values)`. */
export const colorShift = ({ values, vectors }: ColorComponents, amounts: readonly number[]): number[] =>
  vectors.map((row) => row.reduce((sum, weight, i) => sum + weight * amounts[i]! * values[i]!, 0));

/** Draws a shift for {@link randomPcaColor}. */
export function drawColorShift(components: ColorComponents, deviation: number, random: Random): number[] {
  return colorShift(
    components,
    components.values.map(() => deviation * normal(random)),
  );
}
