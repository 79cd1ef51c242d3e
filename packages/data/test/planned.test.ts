import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Augment, centerWindow, crop, type Image, imagenet, planned, resize, shorterSide } from '@resnet/augment';
import {
  type BatchOptions,
  BrokenImageError,
  batches,
  decodeImage,
  decodeRegion,
  openDataset,
  regionPlan,
  resizeRegion,
} from '@resnet/data';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { picture, temporaryFolder, writeTree } from './support';

/** The single view of the evaluation, at another size. */
const center = planned((image) => {
  const scaled = shorterSide(image, 64);
  return { scaled, window: centerWindow(scaled, 56), shift: null };
});

const training = imagenet({ size: 56, shorter: [64, 120] });

/** The same augmentation without its plan: applied to decoded images, the reference. */
const reference =
  (augment: Augment): Augment =>
  (image, random) =>
    augment(image, random);

let root: string;

/** Every encoding that is read, some of them odd. */
beforeAll(async () => {
  const files: Record<string, Buffer> = {
    'a/0.jpg': await picture(150, 203).jpeg({ quality: 85 }).toBuffer(),
    'a/1.jpg': await picture(203, 150).jpeg({ progressive: true }).toBuffer(),
    'a/2.jpg': await picture(97, 131).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
    'a/gray.jpg': await picture(120, 160).toColourspace('b-w').jpeg().toBuffer(),
    'a/cmyk.jpg': await picture(120, 160).toColourspace('cmyk').jpeg().toBuffer(),
    'b/turned.jpg': await picture(120, 160).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'b/3.png': await picture(150, 90).png().toBuffer(),
    'b/4.webp': await picture(90, 150).webp().toBuffer(),
    'b/alpha.png': await picture(90, 150).ensureAlpha(0.5).png().toBuffer(),
    'b/5.jpg': await picture(64, 64).jpeg({ quality: 30 }).toBuffer(),
  };
  root = await mkdtemp(join(tmpdir(), 'resnet-data-'));
  await writeTree(root, files);
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function pixelsOf(options: Partial<BatchOptions>): Promise<Float32Array> {
  const dataset = await openDataset(root, { cacheDir: join(root, '.cache') });
  const all: number[] = [];
  for await (const { images } of batches(dataset, { batchSize: 4, seed: 3, ...options })) all.push(...images.data);
  return Float32Array.from(all);
}

describe.each([
  ['training', training],
  ['the single view', center],
])('batches that decode what is drawn, for %s', (_, augment) => {
  const std = [0.25, 0.25, 0.25];
  const perPixel = Float32Array.from({ length: 56 * 56 * 3 }, (_, i) => (i % 7) / 7);

  it.each<[string, Partial<BatchOptions>]>([
    ['no statistics', {}],
    ['channel statistics', { normalize: { mean: [0.5, 0.4, 0.3], std } }],
    ['a per-pixel mean', { normalize: { mean: perPixel } }],
  ])('are those of decoded images to the bit, with %s', async (_, options) => {
    for (const epoch of [0, 1, 2, 3]) {
      const got = await pixelsOf({ ...options, epoch, augment });
      const expected = await pixelsOf({ ...options, epoch, augment: reference(augment) });
      expect(got.length).toBe(10 * 56 * 56 * 3);
      expect(Buffer.compare(Buffer.from(got.buffer), Buffer.from(expected.buffer))).toBe(0);
    }
  });
});

it('a JPEG file that ends early is broken wherever its window lies', async () => {
  const folder = await temporaryFolder();
  const whole = await picture(150, 203).jpeg().toBuffer();
  const other = await picture(99, 80).png().toBuffer();
  await writeTree(folder, { 'a/0.png': other, 'a/1.jpg': whole.subarray(0, whole.length - 200), 'b/2.png': other });
  const dataset = await openDataset(folder, { cacheDir: join(folder, '.cache'), maxPackedBytes: 0 });
  // The first rows alone: their part of the file is whole.
  const top = planned((image) => ({ scaled: image, window: { top: 0, left: 0, height: 9, width: 9 }, shift: null }));
  const reading = async () => {
    for await (const _ of batches(dataset, { batchSize: 2, augment: top })) {
    }
  };
  await expect(reading()).rejects.toThrow(BrokenImageError);
});

it('decodeRegion has the bytes that decodeImage has there', async () => {
  const file = await picture(151, 203).jpeg({ quality: 60 }).toBuffer();
  const whole = await decodeImage(file, 'x.jpg');
  for (const region of [
    { top: 0, left: 0, height: 151, width: 203 },
    { top: 17, left: 33, height: 50, width: 61 },
    { top: 150, left: 202, height: 1, width: 1 },
  ]) {
    const { image } = await decodeRegion(file, 'x.jpg', () => ({ region }));
    expect(Buffer.compare(image.data as Uint8Array, crop(whole, region).data as Uint8Array)).toBe(0);
  }
});

it('resizeRegion is resize, to the bit', () => {
  const side = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(side, side, side, side, fc.boolean(), fc.nat(), (height, width, tall, wide, mirrored, seed) => {
      const image: Image = {
        data: Uint8Array.from({ length: height * width * 3 }, (_, i) => Math.imul(i + seed, 2654435761) >>> 24),
        height,
        width,
        channels: 3,
      };
      const scaled = { height: tall, width: wide };
      const [top, left] = [seed % tall, seed % wide];
      const window = { top, left, height: tall - top, width: wide - left, mirrored };
      const plan = regionPlan(image, { scaled, window, shift: null });
      const got = resizeRegion(crop(image, plan.region).data, plan);
      expect([...got]).toEqual([...resize(image, scaled, window).data]);
    }),
    { numRuns: 300 },
  );
});
