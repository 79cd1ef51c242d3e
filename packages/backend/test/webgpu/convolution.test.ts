import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { allPasses, type Shape } from '../convolution-passes';
import { expectSame, hasDriver, on, start } from './software';

describe.skipIf(!hasDriver)('convolution on webgpu', () => {
  beforeAll(start);

  it.each<[string, Shape]>([
    ['16 channels', { n: 2, size: [8, 8], channels: [16, 16], kernel: 3, stride: 1, pad: 1 }],
    ['64 channels', { n: 2, size: [8, 8], channels: [64, 64], kernel: 3, stride: 1, pad: 1 }],
    ['a stride', { n: 3, size: [16, 16], channels: [16, 32], kernel: 3, stride: 2, pad: 1 }],
    ['the first layer of CIFAR nets', { n: 4, size: [32, 32], channels: [3, 16], kernel: 3, stride: 1, pad: 1 }],
    ['the first layer of ImageNet nets', { n: 1, size: [23, 23], channels: [3, 16], kernel: 7, stride: 2, pad: 3 }],
    ['a projection', { n: 2, size: [8, 8], channels: [16, 32], kernel: 1, stride: 2, pad: 0 }],
    ['one pixel', { n: 1, size: [1, 1], channels: [5, 3], kernel: 3, stride: 1, pad: 1 }],
    ['a long sum', { n: 8, size: [16, 16], channels: [8, 12], kernel: 3, stride: 1, pad: 1 }],
  ])('%s: all passes', (_, shape) => expectSame(() => allPasses(shape)));

  it('any kernel, stride, padding and channels: all passes', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          n: fc.integer({ min: 1, max: 3 }),
          size: fc.tuple(fc.integer({ min: 7, max: 12 }), fc.integer({ min: 7, max: 12 })),
          channels: fc.tuple(fc.integer({ min: 1, max: 19 }), fc.integer({ min: 1, max: 21 })),
          kernel: fc.constantFrom(1, 2, 3, 5, 7),
          stride: fc.constantFrom(1, 2, 3),
          pad: fc.constantFrom<Shape['pad']>(0, 1, 'same', 'valid'),
        }),
        (shape) => expectSame(() => allPasses(shape)),
      ),
      { numRuns: 12 },
    ));

  it('gives the same bits twice', async () => {
    const shape: Shape = { n: 8, size: [16, 16], channels: [16, 16], kernel: 3, stride: 1, pad: 1 };
    const [first, second] = [await on('webgpu', () => allPasses(shape)), await on('webgpu', () => allPasses(shape))];
    expect(second).toEqual(first);
  });
});
