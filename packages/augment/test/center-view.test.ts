import { centerView } from '@resnet/augment';
import { expect, it } from 'vitest';

/** `height` × `width` × 1, each pixel its column. */
const columns = (height: number, width: number) => ({
  data: Uint8Array.from({ length: height * width }, (_, i) => i % width),
  height,
  width,
  channels: 1,
});
const never = () => {
  throw new Error('drew at random');
};

it('resizes the shorter side and cuts the middle', () => {
  // 4 × 8 halved: columns 0…7 become the means of neighbors with a triangle filter; the middle two of four.
  const view = centerView({ shorter: 2, size: 2 })(columns(4, 8), never);
  expect([view.height, view.width]).toEqual([2, 2]);
  // Output pixel x covers 2x … 2x + 1; symmetric filter: its mean is 2x + 0.5, rounded half up or to even by Pillow's rule.
  expect(Math.abs(view.data[0]! - 2.5)).toBeLessThanOrEqual(0.5);
  expect(Math.abs(view.data[1]! - 4.5)).toBeLessThanOrEqual(0.5);
});

it('cuts the middle of an image that is larger than the crop', () =>
  expect([...centerView({ shorter: 4, size: 2 })(columns(4, 4), never).data]).toEqual([1, 2, 1, 2]));

it.each([
  [true, [0, 1, 0, 1]],
  [false, [0, 1, 0, 1]],
])('keepExact %s: an image of the crop has its pixels where nothing is resized', (keepExact, expected) =>
  expect([...centerView({ shorter: 2, size: 2, keepExact })(columns(2, 2), never).data]).toEqual(expected),
);

it('keeps an image of the crop size only where told', () => {
  const image = { ...columns(2, 2), data: Uint8Array.of(0, 200, 0, 200) };
  expect(centerView({ shorter: 4, size: 2, keepExact: true })(image, never)).toEqual(image);
  // Resized to 4 × 4 first, its middle holds mixtures: a quarter and three quarters of the way.
  expect([...centerView({ shorter: 4, size: 2 })(image, never).data]).toEqual([50, 150, 50, 150]);
});
