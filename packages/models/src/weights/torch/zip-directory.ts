import { WeightFileError } from '../errors';

/** One file of an archive, not yet unpacked. */
export interface Member {
  name: string;
  /** 0 stored, 8 deflated. */
  method: number;
  crc: number;
  /** Bytes as packed. */
  packed: Uint8Array;
  /** Bytes when unpacked, as the archive says. */
  size: number;
}

const signature = { end: 0x06054b50, locator64: 0x07064b50, end64: 0x06064b50, member: 0x02014b50, local: 0x04034b50 };

/**
 * Reads the directory of a zip archive, 64-bit ones included. Written out because a count that cannot be trusted must not
 * drive a loop, and members that share bytes must not multiply them.
 *
 * @throws WeightFileError for anything that does not add up.
 */
export function readDirectory(bytes: Uint8Array): Map<string, Member> {
  try {
    return readMembers(bytes);
  } catch (error) {
    // `DataView` refuses to read outside the file; that is a damaged archive, not a programming error.
    throw error instanceof RangeError ? damagedZip('only offsets inside the file', error.message) : error;
  }
}

function readMembers(bytes: Uint8Array): Map<string, Member> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, start } = findDirectory(view);
  const members = new Map<string, Member>();
  let at = start;
  let packedBytes = 0;
  for (let i = 0; i < count; i++) {
    if (view.getUint32(at, true) !== signature.member) throw damagedZip('a directory entry', `${i} of ${count}`);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const name = new TextDecoder().decode(slice(bytes, at + 46, nameLength));
    if (members.has(name)) throw damagedZip('each name once', JSON.stringify(name.slice(0, 80)));
    if (view.getUint16(at + 8, true) & 1) throw damagedZip('no encryption', JSON.stringify(name.slice(0, 80)));
    const sizes = readSizes(view, at, at + 46 + nameLength, extraLength);
    const local = sizes.offset;
    if (view.getUint32(local, true) !== signature.local) throw damagedZip('a local header', JSON.stringify(name));
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
  if (packedBytes > bytes.byteLength) throw damagedZip('no two members in the same place', 'some');
  return members;
}

/** The end of the archive says where its directory begins; a comment of up to 65,535 bytes may follow. */
function findDirectory(view: DataView): { count: number; start: number } {
  const earliest = Math.max(0, view.byteLength - 22 - 65_535);
  for (let at = view.byteLength - 22; at >= earliest; at--) {
    if (view.getUint32(at, true) !== signature.end) continue;
    if (at >= 20 && view.getUint32(at - 20, true) === signature.locator64) {
      const end = uint64(view, at - 12);
      if (view.getUint32(end, true) !== signature.end64) throw damagedZip('a 64-bit end', 'none');
      return { count: uint64(view, end + 32), start: uint64(view, end + 48) };
    }
    return { count: view.getUint16(at + 10, true), start: view.getUint32(at + 16, true) };
  }
  throw damagedZip('an end', 'none');
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

function slice(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (start + length > bytes.byteLength) throw new RangeError(`${start + length}`);
  return bytes.subarray(start, start + length);
}

const uint64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/** An archive that does not add up. */
export const damagedZip = (expected: string, found: string): WeightFileError =>
  new WeightFileError(`readWeights: the zip archive must have ${expected}, got ${found}. Is the file complete?`);
