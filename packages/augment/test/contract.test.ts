import {
  type Augment,
  autoContrast,
  centerView,
  cifar,
  compose,
  equalize,
  type Image,
  imagenet,
  randAugment,
  randomColorJitter,
  randomCrop,
  randomCutout,
  randomFlip,
  randomPcaColor,
  randomResizedCrop,
  randomResizeShorter,
  toBytes,
  toFloats,
} from '@resnet/augment';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from './golden';

const dimension = fc.integer({ min: 8, max: 21 });

/** Byte images of all sizes, with 3 channels. */
const byteImage: fc.Arbitrary<Image> = fc
  .tuple(dimension, dimension)
  .chain(([height, width]) =>
    fc
      .uint8Array({ minLength: height * width * 3, maxLength: height * width * 3 })
      .map((data) => ({ data, height, width, channels: 3 })),
  );

const everyAugment: [string, Augment, ((image: Image) => { height: number; width: number }) | null][] = [
  ['randomFlip', randomFlip(), (image) => image],
  ['randomCrop', randomCrop({ size: 7, padding: 2, flip: 0.5 }), () => ({ height: 7, width: 7 })],
  ['randomResizeShorter', randomResizeShorter([5, 9]), null],
  ['randomResizedCrop', randomResizedCrop({ size: 9 }), () => ({ height: 9, width: 9 })],
  [
    'randomColorJitter',
    randomColorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
    (image) => image,
  ],
  ['randomPcaColor', randomPcaColor(), (image) => image],
  ['randomCutout', randomCutout({ size: 6, chance: 0.5 }), (image) => image],
  ['randAugment', randAugment(), (image) => image],
  ['centerView', centerView({ shorter: 9, size: 7 }), () => ({ height: 7, width: 7 })],
  ['cifar', cifar(), (image) => image],
  [
    'compose',
    compose(randomCutout({ size: 3 }), randomFlip(), randomCrop({ size: 8 })),
    () => ({ height: 8, width: 8 }),
  ],
];

const floatsOnly: typeof everyAugment = [
  ['imagenet', imagenet({ size: 8, shorter: [8, 12] }), () => ({ height: 8, width: 8 })],
  [
    'cifar with colors',
    cifar({
      colors: {
        values: [0.2, 0.1, 0.1],
        vectors: [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
      },
    }),
    (image) => image,
  ],
];

describe.each([...everyAugment, ...floatsOnly])('%s', (_, augment, sizeOf) => {
  it('keeps its input as it was, gives the same for the same seed, and the promised shape', () => {
    fc.assert(
      fc.property(byteImage, fc.integer(), fc.boolean(), (bytes, seed, floats) => {
        const image = floats ? toFloats(bytes) : bytes;
        const before = image.data.slice();
        const result = augment(image, seeded(seed));
        expect(image.data).toEqual(before);
        expect(augment(image, seeded(seed))).toEqual(result);
        expect(result.data.length).toBe(result.height * result.width * result.channels);
        if (sizeOf) expect(result).toMatchObject({ height: sizeOf(image).height, width: sizeOf(image).width });
      }),
      { numRuns: 25 },
    );
  });
});

describe.each(everyAugment)('%s', (_, augment) => {
  it('keeps the kind of pixels', () => {
    fc.assert(
      fc.property(byteImage, fc.integer(), (image, seed) => {
        expect(augment(image, seeded(seed)).data).toBeInstanceOf(Uint8Array);
        expect(augment(toFloats(image), seeded(seed)).data).toBeInstanceOf(Float32Array);
      }),
      { numRuns: 20 },
    );
  });
});

/** How far bytes may be from floats: half a step for each rounding, which later steps can amplify. */
describe.each<[string, Augment, number]>([
  ['randomFlip', randomFlip(), 0],
  ['cifar', cifar(), 0],
  ['randomResizeShorter', randomResizeShorter([5, 30]), 0.501],
  ['randomResizedCrop', randomResizedCrop({ size: 9 }), 0.501],
  ['brightness', randomColorJitter({ brightness: 0.4 }), 0.501],
  ['contrast', randomColorJitter({ contrast: 0.4 }), 0.501],
  ['saturation', randomColorJitter({ saturation: 0.4 }), 0.501],
  ['hue', randomColorJitter({ hue: 0.5 }), 0.501],
  ['autoContrast', autoContrast, 0.501],
  ['equalize', equalize, 0],
])('%s', (_, augment, steps) => {
  it('means the same in bytes and floats', () => {
    fc.assert(
      fc.property(byteImage, fc.integer(), (image, seed) => {
        const bytes = augment(image, seeded(seed));
        const floats = augment(toFloats(image), seeded(seed));
        const far = floats.data.findIndex((value, i) => Math.abs(value * 255 - bytes.data[i]!) > steps + 1e-4);
        expect(far).toBe(-1);
      }),
    );
  });
});

it('bytes survive floats and back', () => {
  fc.assert(
    fc.property(byteImage, (image) => {
      expect(toBytes(toFloats(image))).toEqual(image);
    }),
  );
});
