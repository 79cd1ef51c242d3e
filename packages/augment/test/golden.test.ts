import {
  brightness,
  centerCrop,
  colorShift,
  contrast,
  crop,
  flip,
  hue,
  normalize,
  pad,
  resizeShorter,
  saturation,
  shiftColors,
  tenCrop,
} from '@resnet/augment';
import { describe, expect, it } from 'vitest';
import { bytesOf, type ChannelsFirst, expectImage, golden, imageFrom, largestDifference } from './golden';

const image = imageFrom(golden.image);
const factors = (changed: { [factor: string]: ChannelsFirst }) =>
  Object.entries(changed).map(([factor, expected]) => [Number(factor), imageFrom(expected)] as const);

describe('agrees with torchvision 0.14', () => {
  it('flip', () => expectImage(flip(image), imageFrom(golden.hflip)));

  it('pad', () => expectImage(pad(image, 4), imageFrom(golden.pad4)));

  it('crop of the padded image, and of the image without making the padding', () => {
    const expected = imageFrom(golden.crop_top3_left2_8x8_of_pad4);
    expectImage(crop(pad(image, 4), { top: 3, left: 2, height: 8, width: 8 }), expected);
    expectImage(crop(image, { top: -1, left: -2, height: 8, width: 8 }), expected);
  });

  it('resize the shorter side up', () => expectImage(resizeShorter(image, 20), imageFrom(golden.resize_shorter_20)));

  it('resize the shorter side down', () => expectImage(resizeShorter(image, 7), imageFrom(golden.resize_shorter_7)));

  it('centre crop', () => expectImage(centerCrop(image, 8), imageFrom(golden.center_crop_8)));

  it('ten crop', () => {
    const crops = tenCrop(image, 8);
    expect(crops).toHaveLength(10);
    crops.forEach((actual, i) => {
      expectImage(actual, imageFrom(golden.ten_crop_8.crops[i]!));
    });
  });

  it('normalize, floats and bytes', () => {
    const expected = imageFrom(golden.normalize.out);
    expectImage(normalize(image, golden.normalize), expected);
    expectImage(normalize(bytesOf(image), golden.normalize), expected);
  });

  it.each(factors(golden.brightness))('brightness %d', (factor, expected) =>
    expectImage(brightness(image, factor), expected),
  );

  it.each(factors(golden.contrast))('contrast %d', (factor, expected) =>
    expectImage(contrast(image, factor), expected),
  );

  it.each(factors(golden.saturation))('saturation %d', (factor, expected) =>
    expectImage(saturation(image, factor), expected),
  );

  it.each(factors(golden.hue))('hue %d', (shift, expected) => expectImage(hue(image, shift), expected));

  it('PCA colour shift', () => {
    const { alpha, eigval, eigvec, shift } = golden.pca;
    const drawn = colorShift({ values: eigval, vectors: eigvec }, alpha);
    expect(largestDifference(drawn, shift)).toBeLessThan(1e-12);
    const shifted = shiftColors(image, drawn);
    const expected = image.data.map((value, i) => value + shift[i % 3]!);
    expectImage(shifted, { ...image, data: expected });
  });
});
