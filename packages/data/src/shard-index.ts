import { hash } from 'node:crypto';
import { parseJson, readBytes, writeDurably } from '@resnet/files';
import { DIGEST } from './archive-images';
import { BLOCK } from './tar-members';

/** What is known of the images of a shard, in the order in which they lie there. */
export interface ShardIndex {
  /** Length of the shard. */
  readonly bytes: number;
  /** Of the shard, in hex. */
  readonly sha256: string;
  /** The images' places in their data set. */
  readonly places: Uint32Array;
  /** Where they start, in blocks of 512 bytes. */
  readonly starts: Uint32Array;
  readonly sizes: Uint32Array;
  readonly labels: Uint16Array;
  /** SHA-256 of each, one after another. */
  readonly digests: Uint8Array;
}

/** The first eight bytes; the digit is the version of the format. */
const MAGIC = 'RESNETX1';

/**
 * Writes an index whole or not at all: magic, SHA-256 of what follows, length of the header (uint32), header as JSON
 * (`bytes`, `sha256`, `images`), then for all images places, starts, sizes (uint32), labels (uint16) and digests (32 bytes); little endian.
 */
export async function writeIndex(
  path: string,
  { bytes, sha256, places, starts, sizes, labels, digests }: ShardIndex,
): Promise<void> {
  const json = Buffer.from(JSON.stringify({ bytes, sha256, images: places.length }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const body = Buffer.concat([length, json, ...[places, starts, sizes, labels, digests].map(bytesOf)]);
  await writeDurably(path, [Buffer.from(MAGIC), hash('sha256', body, 'buffer'), body]);
}

/**
 * Reads an index; null where there is none, or a damaged one, which may carry the right SHA-256 all the same: its shard is then made again.
 */
export async function readIndex(path: string): Promise<ShardIndex | null> {
  const file = await readBytes(path, { links: 'follow' }).catch(() => null);
  if (!file) return null;
  const all = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const body = all.subarray(MAGIC.length + DIGEST);
  if (all.toString('latin1', 0, MAGIC.length) !== MAGIC || body.length < 4) return null;
  if (!hash('sha256', body, 'buffer').equals(all.subarray(MAGIC.length, MAGIC.length + DIGEST))) return null;
  const start = 4 + body.readUInt32LE();
  const header = parseHeader(body.toString('utf8', 4, start));
  if (header === null || body.length - start !== header.images * BYTES_AN_IMAGE) return null;
  const { bytes, sha256, images } = header;
  const at = (offset: number, length: number) =>
    new Uint8Array(body.subarray(start + offset, start + offset + length)).buffer;
  const index = {
    bytes,
    sha256,
    places: new Uint32Array(at(0, 4 * images)),
    starts: new Uint32Array(at(4 * images, 4 * images)),
    sizes: new Uint32Array(at(8 * images, 4 * images)),
    labels: new Uint16Array(at(12 * images, 2 * images)),
    digests: new Uint8Array(at(14 * images, DIGEST * images)),
  };
  return liesWithin(index) ? index : null;
}

/** Place, start and size, label, digest. */
const BYTES_AN_IMAGE = 4 + 4 + 4 + 2 + DIGEST;

function parseHeader(json: string): Header | null {
  try {
    const { bytes, sha256, images } = parseJson(json) as Header;
    const isHeader = [bytes, images].every((count) => Number.isSafeInteger(count) && count >= 0);
    return isHeader && typeof sha256 === 'string' ? { bytes, sha256, images } : null;
  } catch {
    return null;
  }
}

/** Whether every image ends before its shard does: memory is taken by its size. */
const liesWithin = ({ bytes, starts, sizes }: ShardIndex): boolean =>
  starts.every((start, i) => start * BLOCK + sizes[i]! <= bytes);

interface Header {
  readonly bytes: number;
  readonly sha256: string;
  readonly images: number;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
