import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { discard, openFile } from '@resnet/files';
import { writeWhole } from './cache';
import type { ImageShape } from './dataset';
import type { OtherFiles } from './layout';
import { shared } from './shared-memory';

/** Labels and pixels of one split, in shared memory. */
export interface PackedSplit {
  readonly labels: Uint16Array;
  /** `[labels.length, height, width, channels]` */
  readonly pixels: Uint8Array;
}

/** All splits of a data set whose images have one shape. */
export interface Pack {
  readonly classes: readonly string[];
  readonly shape: ImageShape;
  readonly splits: ReadonlyMap<string, PackedSplit>;
  /** Files of the source that are no images, by extension. Default: none. */
  readonly otherFiles?: OtherFiles;
  /** Images of the source that are broken and were left out. Default: none. */
  readonly brokenImages?: number;
}

/** What the file says of itself before the bytes. */
interface Header {
  readonly classes: readonly string[];
  readonly shape: ImageShape;
  readonly splits: readonly { readonly name: string; readonly length: number; readonly sha256: string }[];
  readonly otherFiles?: OtherFiles;
  readonly brokenImages?: number;
}

/** The first eight bytes; the digit is the version of the format. */
export const MAGIC = 'RESNETP3';
const DIGEST = 32;
const PREFIX = MAGIC.length + DIGEST + 4;

/**
 * Writes a pack whole or not at all: magic, SHA-256 of what follows up to the splits, length of the header (uint32, little endian),
 * header as JSON, then for each split its labels (uint16, little endian) and its pixels, whose SHA-256 the header holds.
 *
 * @returns SHA-256 of each split's labels and pixels, by name.
 */
export async function writePack(
  path: string,
  { classes, shape, splits, otherFiles, brokenImages }: Pack,
): Promise<ReadonlyMap<string, string>> {
  const header: Header = {
    classes,
    shape,
    splits: [...splits].map(([name, split]) => ({ name, length: split.labels.length, sha256: hash(split) })),
    ...(otherFiles && { otherFiles }),
    ...(brokenImages && { brokenImages }),
  };
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX);
  prefix.write(MAGIC, 0, 'latin1');
  prefix.writeUInt32LE(json.length, MAGIC.length + DIGEST);
  prefix.set(digest(prefix.subarray(MAGIC.length + DIGEST), json), MAGIC.length);
  await writeWhole(path, [
    prefix,
    json,
    ...[...splits.values()].flatMap(({ labels, pixels }) => [bytesOf(labels), pixels]),
  ]);
  return digestsOf(header);
}

/**
 * Reads a pack's facts and, of its bytes, one split.
 *
 * @returns null where there is no such file, or where it is damaged; a damaged one is removed, so that it is made again.
 */
export async function readPack(
  path: string,
  split: string,
): Promise<(Pack & { readonly digests: ReadonlyMap<string, string> }) | null> {
  const file = await openFile(path).catch(() => null);
  if (!file) return null;
  try {
    const { header, start } = await readHeader(file);
    const loaded = await readSplit(file, header, start, split);
    const splits = new Map(loaded ? [[split, loaded]] : []);
    const { classes, shape, otherFiles = {}, brokenImages = 0 } = header;
    return { classes, shape, otherFiles, brokenImages, splits, digests: digestsOf(header) };
  } catch {
    await discard(path);
    return null;
  } finally {
    await file.close();
  }
}

/** SHA-256 of each split's labels and pixels, by name. */
const digestsOf = ({ splits }: Header): ReadonlyMap<string, string> =>
  new Map(splits.map(({ name, sha256 }) => [name, sha256]));

async function readHeader(file: FileHandle): Promise<{ header: Header; start: number }> {
  const prefix = Buffer.alloc(PREFIX);
  await fill(file, prefix, 0);
  if (prefix.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('not a pack');
  const length = prefix.subarray(MAGIC.length + DIGEST);
  const { size } = await file.stat();
  // Checked before anything is allocated from it.
  if (length.readUInt32LE() > size) throw new Error('short pack');
  const json = Buffer.alloc(length.readUInt32LE());
  await fill(file, json, PREFIX);
  if (!digest(length, json).equals(prefix.subarray(MAGIC.length, MAGIC.length + DIGEST)))
    throw new Error('damaged pack');
  const header: Header = JSON.parse(json.toString());
  const start = PREFIX + json.length;
  if (start + bytesAfter(header) !== size) throw new Error('short pack');
  return { header, start };
}

const bytesAfter = ({ shape, splits }: Header): number =>
  splits.reduce((sum, { length }) => sum + length * (2 + shape[0] * shape[1] * shape[2]), 0);

const digest = (...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

async function readSplit(
  file: FileHandle,
  { shape, splits }: Header,
  start: number,
  wanted: string,
): Promise<PackedSplit | null> {
  const size = shape[0] * shape[1] * shape[2];
  let position = start;
  for (const { name, length, sha256 } of splits) {
    if (name !== wanted) {
      position += length * (2 + size);
      continue;
    }
    const split = { labels: shared(Uint16Array, length), pixels: shared(Uint8Array, length * size) };
    await fill(file, bytesOf(split.labels), position);
    await fill(file, split.pixels, position + split.labels.byteLength);
    if (hash(split) !== sha256) throw new Error('damaged pack');
    return split;
  }
  return null;
}

async function fill(file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < target.length; ) {
    const { bytesRead } = await file.read(target, at, target.length - at, position + at);
    if (bytesRead === 0) throw new Error('short pack');
    at += bytesRead;
  }
}

const hash = ({ labels, pixels }: PackedSplit): string =>
  createHash('sha256').update(bytesOf(labels)).update(pixels).digest('hex');

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint16Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
