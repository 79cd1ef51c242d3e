import { Inflate } from 'fflate';
import { WeightFileError } from '../errors';

/** One file of an archive, not yet unpacked. */
interface Member {
  name: string;
  /** 0 stored, 8 deflated. */
  method: number;
  crc: number;
  /** Bytes as packed. */
  packed: Uint8Array;
  /** Bytes when unpacked, as the archive says. */
  size: number;
}

/** An archive's directory. Nothing is unpacked before `read`, and nothing beyond the size it declares. */
export interface Zip {
  readonly names: readonly string[];
  /** The bytes of a member, its length and checksum verified; undefined where there is none. A view where it is stored. */
  read(name: string): Uint8Array | undefined;
}

/** Weights hardly shrink. What claims to grow more than this when inflated is an attack on memory. */
export const mostInflation = 100;

const signature = { end: 0x06054b50, locator64: 0x07064b50, end64: 0x06064b50, member: 0x02014b50, local: 0x04034b50 };

/**
 * Reads a zip archive's directory, 64-bit ones included. Written out because a reader of hostile files must stop
 * inflating at the declared size and check what it got, and counts that it cannot trust must not drive a loop.
 *
 * @throws WeightFileError for anything that does not add up.
 */
export function openZip(bytes: Uint8Array): Zip {
  const members = structure(() => readDirectory(bytes));
  return {
    names: [...members.keys()],
    read: (name) => {
      const member = members.get(name);
      return member && unpack(member);
    },
  };
}

function readDirectory(bytes: Uint8Array): Map<string, Member> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, start } = findDirectory(view);
  const members = new Map<string, Member>();
  let at = start;
  let packedBytes = 0;
  for (let i = 0; i < count; i++) {
    if (view.getUint32(at, true) !== signature.member) throw damaged('a directory entry', `${i} of ${count}`);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const name = new TextDecoder().decode(slice(bytes, at + 46, nameLength));
    if (members.has(name)) throw damaged('each name once', JSON.stringify(name.slice(0, 80)));
    if (view.getUint16(at + 8, true) & 1) throw damaged('no encryption', JSON.stringify(name.slice(0, 80)));
    const sizes = readSizes(view, at, at + 46 + nameLength, extraLength);
    const local = sizes.offset;
    if (view.getUint32(local, true) !== signature.local) throw damaged('a local header', JSON.stringify(name));
    const data = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    members.set(name, {
      name,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: slice(bytes, data, sizes.packed),
      size: sizes.unpacked,
    });
    at += 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    packedBytes += sizes.packed;
  }
  if (packedBytes > bytes.byteLength) throw damaged('no two members in the same place', 'some');
  return members;
}

/** The end of the archive says where its directory begins; a comment of up to 65,535 bytes may follow. */
function findDirectory(view: DataView): { count: number; start: number } {
  const earliest = Math.max(0, view.byteLength - 22 - 65_535);
  for (let at = view.byteLength - 22; at >= earliest; at--) {
    if (view.getUint32(at, true) !== signature.end) continue;
    if (at >= 20 && view.getUint32(at - 20, true) === signature.locator64) {
      const end = uint64(view, at - 12);
      if (view.getUint32(end, true) !== signature.end64) throw damaged('a 64-bit end', 'none');
      return { count: uint64(view, end + 32), start: uint64(view, end + 48) };
    }
    return { count: view.getUint16(at + 10, true), start: view.getUint32(at + 16, true) };
  }
  throw damaged('an end', 'none');
}

/** Sizes and offset of a directory entry; those that are all ones stand in its 64-bit extra field instead. */
function readSizes(view: DataView, entry: number, extra: number, extraLength: number) {
  let wide = findExtra64(view, extra, extra + extraLength);
  const size = (at: number): number => {
    const value = view.getUint32(at, true);
    if (value !== 0xffffffff || wide === undefined) return value;
    wide += 8;
    return uint64(view, wide - 8);
  };
  const unpacked = size(entry + 24); // in this order: so they stand in the extra field
  const packed = size(entry + 20);
  const offset = size(entry + 42);
  return { unpacked, packed, offset };
}

function findExtra64(view: DataView, start: number, end: number): number | undefined {
  for (let at = start; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) === 1) return at + 4;
  }
  return undefined;
}

function unpack({ name, method, crc, packed, size }: Member): Uint8Array {
  const who = JSON.stringify(name.slice(0, 80));
  if (method !== 0 && method !== 8) throw damaged(`${who} stored or deflated`, `method ${method}`);
  if (size > (method === 0 ? packed.byteLength : mostInflation * packed.byteLength)) {
    throw damaged(`${who} of at most what its ${packed.byteLength} packed bytes give`, `${size}`);
  }
  const content = method === 0 ? packed : inflate(packed, size, who);
  if (content.byteLength !== size) throw damaged(`${who} of ${size} bytes`, `${content.byteLength}`);
  if (crc32(content) !== crc) throw damaged(`${who} with its checksum`, 'another');
  return content;
}

/** In small steps, so that a stream which goes on beyond its declared size is left at once. */
function inflate(packed: Uint8Array, size: number, who: string): Uint8Array {
  const content = new Uint8Array(size);
  let length = 0;
  const stream = new Inflate((chunk) => {
    if (length + chunk.byteLength > size) throw damaged(`${who} of ${size} bytes`, 'more');
    content.set(chunk, length);
    length += chunk.byteLength;
  });
  try {
    for (let at = 0; at < packed.byteLength; at += 4096) {
      stream.push(packed.subarray(at, at + 4096), at + 4096 >= packed.byteLength);
    }
  } catch (error) {
    throw error instanceof WeightFileError ? error : damaged(`${who} deflated`, String(error));
  }
  return content.subarray(0, length);
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function slice(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (start + length > bytes.byteLength) throw new RangeError(`${start + length}`);
  return bytes.subarray(start, start + length);
}

const uint64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/** `DataView` refuses to read outside the file; that is a damaged archive, not a programming error. */
function structure<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof RangeError ? damaged('only offsets inside the file', error.message) : error;
  }
}

const damaged = (expected: string, found: string): WeightFileError =>
  new WeightFileError(`readWeights: the zip archive must have ${expected}, got ${found}. Is the file complete?`);
