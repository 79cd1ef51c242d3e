import {
  AugmentError,
  augmentInto,
  cifar,
  compose,
  crop,
  cropInto,
  type Image,
  normalize,
  normalizer,
  randomCrop,
  randomFlip,
} from '@resnet/augment';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, golden, imageFrom, largestDifference, scripted, seeded } from './golden';

const image = bytesOf(imageFrom(golden.image));
const perPixel = { mean: Float32Array.from(image.data, (_, i) => (i % 97) / 97) };
const perChannel = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

describe.each([
  ['per-pixel mean', perPixel],
  ['channel statistics', perChannel],
])('cropInto with %s', (_, statistics) => {
  it('is normalize, then crop: beyond the image it is 0', () => {
    const side = fc.integer({ min: 1, max: 24 });
    const offset = fc.integer({ min: -15, max: 20 });
    fc.assert(
      fc.property(offset, offset, side, side, fc.boolean(), (top, left, height, width, mirrored) => {
        const window = { top, left, height, width, mirrored };
        const count = height * width * 3;
        const out = new Float32Array(count + 10).fill(9);
        cropInto(image, window, normalizer(statistics), out, 5);
        const expected = crop(normalize(image, statistics), window);
        expect(largestDifference(out.subarray(5, count + 5), expected.data)).toBeLessThan(1e-6);
        expect([...out.subarray(0, 5), ...out.subarray(count + 5)]).toEqual(Array(10).fill(9));
      }),
    );
  });
});

it('cropInto takes a mean of the size of the window', () => {
  const mean = Float32Array.from({ length: 48 }, (_, i) => i / 48);
  const window = { top: 2, left: 3, height: 4, width: 4, mirrored: true };
  const out = new Float32Array(48);
  cropInto(image, window, normalizer({ mean }), out, 0);
  expect(largestDifference(out, normalize(crop(image, window), { mean }).data)).toBeLessThan(1e-6);
});

describe('augmentInto', () => {
  const into = (options: Parameters<typeof augmentInto>[2], seed = 3, source: Image = image) => {
    const out = new Float32Array(source.data.length);
    augmentInto(source, seeded(seed), options, out, 0);
    return out;
  };

  it('without options brings bytes to [0, 1]', () => {
    expect(largestDifference(into({}), imageFrom(golden.image).data)).toBeLessThan(1e-6);
  });

  it.each([
    ['cifar()', cifar()],
    ['a compose that ends in it', compose(randomFlip(1), cifar())],
    ['a compose of that', compose(randomFlip(), compose(randomFlip(), cifar()))],
  ])('%s: the window of the normalized image', (_, augment) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const plainly = augment(image, seeded(seed));
        const scaled = Float32Array.from(plainly.data, (v) => v / 255);
        expect(largestDifference(into({ augment }, seed), scaled)).toBeLessThan(1e-6);
      }),
    );
  });

  it('subtracts the mean before it pads, as the paper does', () => {
    const corner = into({ augment: cifar(), normalizer: normalizer(perPixel) });
    const normalized = normalize(image, perPixel);
    expect(largestDifference(corner, cifar()(normalized, seeded(3)).data)).toBeLessThan(1e-6);
  });

  it('normalizes last what does not end in a window', () => {
    const augment = compose(cifar(), randomFlip());
    const expected = normalize(augment(image, seeded(3)), perChannel);
    expect(largestDifference(into({ augment, normalizer: normalizer(perChannel) }), expected.data)).toBeLessThan(1e-6);
  });

  it('says what it wrote, and what has no room', () => {
    const augment = randomCrop({ size: { height: 4, width: 5 } });
    const out = new Float32Array(60);
    expect(augmentInto(image, Math.random, { augment }, out, 0)).toMatchObject({ height: 4, width: 5 });
    expect(() => augmentInto(image, Math.random, { augment }, out, 1)).toThrow(AugmentError);
    expect(() => augmentInto(image, Math.random, {}, out, 0)).toThrow(
      /13×17×3 at 0 must fit into 60 values, got an end of 663/,
    );
  });

  it('takes statistics of the right size only', () => {
    for (const augment of [cifar(), undefined]) {
      const wrong = { augment, normalizer: normalizer({ mean: [0, 0] }) };
      expect(() => into(wrong)).toThrow(/one a channel \(3\) or one a value \(13·17·3\), got 2/);
    }
  });
});

describe('cifar', () => {
  it('draws top, left and mirror: 9 × 9 places, half mirrored (§4.2)', () => {
    const square: Image = { data: new Uint8Array(3072), height: 32, width: 32, channels: 3 };
    const drawn = (...numbers: number[]) => cifar().window(square, scripted(...numbers));
    expect(drawn(0, 0, 0)).toEqual({ top: -4, left: -4, height: 32, width: 32, mirrored: true });
    expect(drawn(0.9999, 0.5, 0.5)).toEqual({ top: 4, left: 0, height: 32, width: 32, mirrored: false });
    const places = new Set(Array.from({ length: 9 }, (_, i) => drawn(i / 9 + 0.01, 0, 0).top));
    expect([...places]).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4]);
  });
});
