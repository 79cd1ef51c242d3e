import { readFileSync } from 'node:fs';
import type { Image, Random } from '@resnet/augment';
import { expect } from 'vitest';

/** An image as torchvision has it: channels first. */
export interface ChannelsFirst {
  shape: [channels: number, height: number, width: number];
  data: number[];
}

interface Golden {
  image: ChannelsFirst;
  hflip: ChannelsFirst;
  pad4: ChannelsFirst;
  crop_top3_left2_8x8_of_pad4: ChannelsFirst;
  resize_shorter_20: ChannelsFirst;
  resize_shorter_7: ChannelsFirst;
  center_crop_8: ChannelsFirst;
  ten_crop_8: { crops: ChannelsFirst[] };
  normalize: { mean: number[]; std: number[]; out: ChannelsFirst };
  brightness: { [factor: string]: ChannelsFirst };
  contrast: { [factor: string]: ChannelsFirst };
  saturation: { [factor: string]: ChannelsFirst };
  hue: { [shift: string]: ChannelsFirst };
  pca: { alpha: number[]; eigval: number[]; eigvec: number[][]; shift: number[] };
}

/** What torchvision 0.14 made of one image; the golden folder's README tells which. */
export const golden: Golden = JSON.parse(
  readFileSync(new URL('../../testing/golden/augment.json', import.meta.url), 'utf8'),
);

/** Channels last, floats. */
export function imageFrom({ shape: [channels, height, width], data }: ChannelsFirst): Image {
  const plane = height * width;
  const values = Float32Array.from(data, (_, i) => data[(i % channels) * plane + Math.floor(i / channels)]!);
  return { data: values, height, width, channels };
}

/** The same image in bytes. */
export const bytesOf = (image: Image): Image => ({
  ...image,
  data: Uint8Array.from(image.data, (value) => Math.round(value * 255)),
});

/** The same image in floats. */
export const floatsOf = (image: Image): Image => ({ ...image, data: Float32Array.from(image.data, (v) => v / 255) });

/** Expects an image's shape, and its values to within `tolerance`. */
export function expectImage(actual: Image, expected: Image, tolerance = 1e-6): void {
  const { height, width, channels } = expected;
  expect(actual).toMatchObject({ height, width, channels });
  expect(actual.data.length).toBe(expected.data.length);
  expect(largestDifference(actual.data, expected.data)).toBeLessThanOrEqual(tolerance);
}

/** The largest absolute difference. */
export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

/** A small generator for tests (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Gives these numbers, one after the other. */
export function scripted(...numbers: number[]): Random {
  const rest = [...numbers];
  return () => {
    const next = rest.shift();
    if (next === undefined) throw new Error('scripted: drew more numbers than expected');
    return next;
  };
}
