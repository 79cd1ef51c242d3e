import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { crop } from '@resnet/augment';
import { BrokenImageError, decodeImage, decodeRegion } from '@resnet/data';
import { describe, expect, it } from 'vitest';

interface Golden {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly sha256: string;
}

// Made and decoded (`convert('RGB')`) by Pillow 9.4.
const golden: { images: Record<string, Golden> } = JSON.parse(
  readFileSync(new URL('./fixtures/pillow.json', import.meta.url), 'utf8'),
);

// Made and decoded by Pillow 13: packages/testing/scripts/pillow-images.py.
const kinds: { images: Record<string, Omit<Golden, 'sha256'> & { readonly rgb: string }> } = JSON.parse(
  readFileSync(new URL('./fixtures/pillow-kinds.json', import.meta.url), 'utf8'),
);

describe('decodeImage', () => {
  it.each(Object.entries(golden.images))('gives the pixels that Pillow gives: %s', async (name, expected) => {
    const image = await decodeImage(Buffer.from(expected.file, 'base64'), name);
    expect([image.height, image.width, image.channels]).toEqual([expected.height, expected.width, 3]);
    expect(createHash('sha256').update(image.data).digest('hex')).toBe(expected.sha256);
  });

  it.each(Object.entries(kinds.images))('gives what Pillow gives of other kinds: %s', async (name, expected) => {
    const image = await decodeImage(Buffer.from(expected.file, 'base64'), name);
    expect([image.height, image.width, image.channels]).toEqual([expected.height, expected.width, 3]);
    const pixels = Buffer.from(expected.rgb, 'base64');
    const differences = Array.from(image.data, (value, i) => Math.abs(value - pixels[i]!));
    // Decoders of lossy formats round differently.
    expect(Math.max(...differences)).toBeLessThanOrEqual(/JPEG|AVIF/.test(name) ? 2 : 0);
  });

  it('of a part of a CMYK JPEG gives the pixels of the whole', async () => {
    const bytes = Buffer.from(kinds.images['CMYK JPEG']!.file, 'base64');
    const region = { top: 2, left: 3, height: 8, width: 8 };
    const whole = await decodeImage(bytes, 'whole.jpg');
    const { image } = await decodeRegion(bytes, 'part.jpg', () => ({ region }));
    expect(image).toEqual(crop(whole, region));
  });

  it('takes the upper byte of 16-bit gray, as libpng does when it strips 16 bits to 8', async () => {
    const values = [0, 255, 256, 0x1234, 0x80ff, 0xffff];
    const row = Buffer.concat([Buffer.of(0), ...values.map((value) => Buffer.of(value >> 8, value & 255))]);
    const { data } = await decodeImage(pngOf(values.length, 1, [16, 0], row), 'gray16.png');
    expect([...data]).toEqual([0, 0, 1, 0x12, 0x80, 0xff].flatMap((value) => [value, value, value]));
  });

  const jpeg = Buffer.from(golden.images['jpeg 4:2:0']!.file, 'base64');

  it.each([
    ['a text', Buffer.from('not an image, whatever its name says')],
    ['nothing', Buffer.alloc(0)],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>')],
    ['a JPEG cut in its header', jpeg.subarray(0, 100)],
    ['a JPEG cut in its pixels', jpeg.subarray(0, jpeg.length - 30)],
    ['a JPEG without its end mark', jpeg.subarray(0, jpeg.length - 2)],
    ['30,000 × 30,000 pixels', hugePng(30_000)],
  ])('refuses %s and names the file', async (_, bytes) => {
    await expect(decodeImage(bytes, 'cat/7.jpg')).rejects.toThrow(BrokenImageError);
    await expect(decodeImage(bytes, 'cat/7.jpg')).rejects.toThrow(
      /^cat\/7\.jpg: must be a PNG, JPEG, WebP, GIF, TIFF or AVIF image, got /,
    );
  });

  it('tells how many pixels are too many', async () => {
    await expect(decodeImage(hugePng(30_000), 'bomb.png')).rejects.toThrow('got more than 100000000 pixels');
    await expect(decodeImage(jpeg, 'small.jpg', 17 * 13 - 1)).rejects.toThrow('got more than 220 pixels');
    await expect(decodeImage(jpeg, 'small.jpg', 17 * 13)).resolves.toMatchObject({ width: 17 });
  });
});

/** A PNG bomb: a valid header of `side` × `side`, and a first row of zeros. */
const hugePng = (side: number): Buffer => pngOf(side, side, [8, 2], Buffer.alloc(1 + side * 3));

/** A PNG by hand: `kind` is the depth of a sample and the color type, `rows` what is deflated. */
function pngOf(width: number, height: number, kind: readonly [depth: number, color: number], rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([...kind, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND')]);
}

function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), 4 + body.length);
  return frame;
}
