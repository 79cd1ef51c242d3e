import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { randomFrom } from './random.js';

/** Writes small PNG images into class folders, with train and test above them. Several sizes keep them files. */
export function writeImages(folder, { count, sizes = [32, 36, 40] }) {
  const random = randomFrom(7);
  for (let i = 0; i < count; i++) {
    const [split, label] = [i % 4 === 3 ? 'test' : 'train', (i >> 2) % 2];
    const place = join(folder, split, `class-${label}`);
    mkdirSync(place, { recursive: true });
    writeFileSync(
      join(place, `${i}.png`),
      png(sizes[i % sizes.length], () => 128 * label + 120 * random()),
    );
  }
}

/** A square PNG of 8-bit RGB. */
function png(side, value) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8);
  // Each row begins with its filter: none.
  const row = 1 + 3 * side;
  const rows = Uint8Array.from({ length: side * row }, (_, i) => (i % row === 0 ? 0 : value()));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), 4 + body.length);
  return frame;
}
