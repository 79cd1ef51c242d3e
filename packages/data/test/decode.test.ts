import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { BrokenImageError, decodeImage } from '@resnet/data';
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

describe('decodeImage', () => {
  it.each(Object.entries(golden.images))('gives the pixels that Pillow gives: %s', async (name, expected) => {
    const image = await decodeImage(Buffer.from(expected.file, 'base64'), name);
    expect([image.height, image.width, image.channels]).toEqual([expected.height, expected.width, 3]);
    expect(createHash('sha256').update(image.data).digest('hex')).toBe(expected.sha256);
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
      /^cat\/7\.jpg: must be a PNG, JPEG or WebP image, got /,
    );
  });

  it('tells how many pixels are too many', async () => {
    await expect(decodeImage(hugePng(30_000), 'bomb.png')).rejects.toThrow('got more than 100000000 pixels');
    await expect(decodeImage(jpeg, 'small.jpg', 17 * 13 - 1)).rejects.toThrow('got more than 220 pixels');
    await expect(decodeImage(jpeg, 'small.jpg', 17 * 13)).resolves.toMatchObject({ width: 17 });
  });
});

/** A PNG bomb: a valid header of `side` × `side`, and a first row of zeros. */
function hugePng(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1 + side * 3))),
    chunk('IEND'),
  ]);
}

function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), 4 + body.length);
  return frame;
}
