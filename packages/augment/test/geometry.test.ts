import {
  AugmentError,
  brightness,
  centerCrop,
  crop,
  cutout,
  drawPart,
  drawSquare,
  fiveCrop,
  flip,
  hue,
  type Image,
  pad,
  randomCrop,
  resize,
  resizedCrop,
  rotate,
  saturation,
  shorterSide,
  solarize,
  translate,
} from '@resnet/augment';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, expectImage, golden, imageFrom, seeded } from './golden';

const floats = imageFrom(golden.image);
const image = bytesOf(floats);
const rows = (...values: number[][]): Image => ({
  data: Uint8Array.from(values.flat()),
  height: values.length,
  width: values[0]!.length,
  channels: 1,
});

describe('inverse pairs', () => {
  it.each<[string, (image: Image) => Image]>([
    ['flip, flip', (source) => flip(flip(source))],
    ['pad, crop', (source) => crop(pad(source, 3), { top: 3, left: 3, height: 13, width: 17 })],
    [
      'pad, center crop of the padded size less its border',
      (source) => crop(pad(source, 2, 9), { ...source, top: 2, left: 2 }),
    ],
    ['solarize all, twice', (source) => solarize(solarize(source, 0), 0)],
    ['half a turn, twice', (source) => rotate(rotate(source, 180), 180)],
    ['resize to its own size', (source) => resize(source, source)],
    ['no change of brightness', (source) => brightness(source, 1)],
  ])('%s', (_, there) => {
    expectImage(there(image), image, 0);
    expectImage(there(floats), floats);
  });

  it('hue there and back, where nothing is gray or clamped', () => {
    expectImage(hue(hue(floats, 0.3), -0.3), floats, 1e-6);
    expectImage(hue(hue(floats, 0.5), 0.5), floats, 1e-6);
  });
});

describe('by hand', () => {
  const two = rows([1, 2, 3], [4, 5, 6]);

  it('crops beyond the edge, mirrored', () => {
    const window = { top: -1, left: 1, height: 2, width: 3 };
    expect([...crop(two, window, 9).data]).toEqual([9, 9, 9, 2, 3, 9]);
    expect([...crop(two, { ...window, mirrored: true }, 9).data]).toEqual([9, 9, 9, 9, 3, 2]);
  });

  it('a window that sees nothing of the image is all fill', () => {
    expect([...crop(two, { top: 7, left: -9, height: 1, width: 2 }, 5).data]).toEqual([5, 5]);
  });

  it('translates right and down', () => {
    expect([...translate(two, 1, 1).data]).toEqual([0, 0, 0, 0, 1, 2]);
  });

  it('turns counter-clockwise', () => {
    const square = rows([1, 2], [3, 4]);
    expect([...rotate(square, 90).data]).toEqual([2, 4, 1, 3]);
  });

  it('resizes by averaging what a pixel covers', () => {
    // A triangle that reaches 4 pixels to each side of the middle: weights 5, 7, 7, 5.
    expect([...resize(rows([0, 40, 80, 200]), { height: 1, width: 1 }).data]).toEqual([
      Math.round((5 * 0 + 7 * 40 + 7 * 80 + 5 * 200) / 24),
    ]);
  });

  it('cuts out what is in the image of a square', () => {
    expect([...cutout(two, { top: -1, left: 1, height: 2, width: 5 }).data]).toEqual([1, 0, 0, 4, 5, 6]);
  });

  it('five crops of one image', () => {
    const nine = rows([1, 2, 3], [4, 5, 6], [7, 8, 9]);
    expect(fiveCrop(nine, 1).map(({ data }) => data[0])).toEqual([1, 3, 7, 9, 5]);
  });

  it('the middle of a smaller image has black around it', () => {
    expect([...centerCrop(rows([7]), 3).data]).toEqual([0, 0, 0, 0, 7, 0, 0, 0, 0]);
  });

  it('gray images have no color to change', () => {
    expect(hue(two, 0.2)).toEqual(two);
    expect(saturation(two, 0.2)).toEqual(two);
  });
});

describe('resize', () => {
  it('makes only the window asked for, mirrored too', () => {
    const size = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(size, size, fc.nat(), fc.boolean(), (height, width, seed, mirrored) => {
        const random = seeded(seed);
        const side = Math.min(height, width);
        const window = { ...randomCrop({ size: side }).window({ height, width }, random), mirrored };
        expect(resize(image, { height, width }, window)).toEqual(crop(resize(image, { height, width }), window));
      }),
    );
  });

  it('keeps a flat image flat', () => {
    const flat = rows(...Array.from({ length: 9 }, () => [77, 77, 77, 77, 77]));
    expect(new Set(resize(flat, { height: 4, width: 31 }).data)).toEqual(new Set([77]));
  });

  it('rounds the longer side down, as torchvision does', () => {
    expect(shorterSide({ height: 375, width: 500 }, 256)).toEqual({ height: 256, width: 341 });
    expect(shorterSide({ height: 500, width: 375 }, 480)).toEqual({ height: 640, width: 480 });
  });
});

describe('what is drawn', () => {
  it('parts of an image have the area and the shape asked for', () => {
    const random = seeded(5);
    const size = { height: 300, width: 400 };
    for (let i = 0; i < 1000; i++) {
      const { top, left, height, width } = drawPart(size, [0.2, 0.5], [0.5, 2], random);
      expect(top >= 0 && left >= 0 && top + height <= 300 && left + width <= 400).toBe(true);
      expect((height * width) / 120_000).toBeGreaterThan(0.19);
      expect((height * width) / 120_000).toBeLessThan(0.51);
      expect(width / height).toBeGreaterThan(0.48);
      expect(width / height).toBeLessThan(2.1);
    }
  });

  it('where no part fits, the largest in the middle', () => {
    const wide = { height: 10, width: 1000 };
    expect(drawPart(wide, [0.9, 1], [1, 1], seeded(1))).toEqual({ top: 0, left: 495, height: 10, width: 10 });
  });

  it('the middle of a cutout is in the image, each place as likely', () => {
    const random = seeded(2);
    const tops = Array.from({ length: 4000 }, () => drawSquare({ height: 4, width: 4 }, 2, random).top);
    expect(new Set(tops)).toEqual(new Set([-1, 0, 1, 2]));
    expect(Math.abs(tops.filter((top) => top === -1).length - 1000)).toBeLessThan(150);
  });

  it('nothing outside the window influences a resized crop', () => {
    const window = { top: 2, left: 3, height: 5, width: 6 };
    const scribbled = cutout(image, { top: 0, left: 0, height: 2, width: 17 }, 200);
    const size = { height: 4, width: 4 };
    expect(resizedCrop(scribbled, window, size)).toEqual(resizedCrop(image, window, size));
  });
});

it.each<[string, () => unknown]>([
  [
    'crop: an image must hold height·width·channels values, got 3 for 2×2×1',
    () => flip({ ...rows([1, 2], [3, 4]), data: new Uint8Array(3) }),
  ],
  ['crop: width must be whole, from 1, got 0', () => crop(image, { top: 0, left: 0, height: 1, width: 0 })],
  ['crop: top must be whole, from -Infinity, got 0.5', () => crop(image, { top: 0.5, left: 0, height: 1, width: 1 })],
  ['pad: border must be whole, from 0, got -1', () => pad(image, -1)],
  ['randomCrop: height must be at most 13, got 20', () => randomCrop({ size: 20 })(image, Math.random)],
  ['fiveCrop: height of the image must be whole, from 14, got 13', () => fiveCrop(image, 14)],
  ['resize: height must be whole, from 1, got 0', () => resize(image, { height: 0, width: 4 })],
  ['brightness: factor must be from 0, got -1', () => brightness(image, -1)],
  ['hue: shift must be from -0.5 to 0.5, got 0.7', () => hue(image, 0.7)],
  [
    'saturation: an image must have 1 or 3 channels, got 2',
    () => saturation({ data: new Uint8Array(2), height: 1, width: 1, channels: 2 }, 1),
  ],
])('%s', (message, act) => {
  expect(act).toThrow(AugmentError);
  expect(act).toThrow(message);
});
