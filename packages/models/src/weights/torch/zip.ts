import { Inflate } from 'fflate';
import { WeightFileError } from '../errors';
import { crc32 } from './crc32';
import { damagedZip, type Member, readDirectory } from './zip-directory';

/** An archive's directory. Nothing is unpacked before `read`, and nothing beyond the size it declares. */
export interface Zip {
  readonly names: readonly string[];
  /** The bytes of a member, its length and checksum verified; undefined where there is none. A view where it is stored. */
  read(name: string): Uint8Array | undefined;
}

/** Weights hardly shrink. What claims to grow more than this when inflated is an attack on memory. */
export const mostInflation = 100;

/**
 * Opens a zip archive.
 *
 * @throws WeightFileError for anything that does not add up, here or when a member is read.
 */
export function openZip(bytes: Uint8Array): Zip {
  const members = readDirectory(bytes);
  return {
    names: [...members.keys()],
    read: (name) => {
      const member = members.get(name);
      return member && unpack(member);
    },
  };
}

function unpack({ name, method, crc, packed, size }: Member): Uint8Array {
  const who = JSON.stringify(name.slice(0, 80));
  if (method !== 0 && method !== 8) throw damagedZip(`${who} stored or deflated`, `method ${method}`);
  if (size > (method === 0 ? packed.byteLength : mostInflation * packed.byteLength)) {
    throw damagedZip(`${who} of at most what its ${packed.byteLength} packed bytes give`, `${size}`);
  }
  const content = method === 0 ? packed : inflate(packed, size, who);
  if (content.byteLength !== size) throw damagedZip(`${who} of ${size} bytes`, `${content.byteLength}`);
  if (crc32(content) !== crc) throw damagedZip(`${who} with its checksum`, 'another');
  return content;
}

/** In small steps, so that a stream which goes on beyond its declared size is left at once. */
function inflate(packed: Uint8Array, size: number, who: string): Uint8Array {
  const content = new Uint8Array(size);
  let length = 0;
  const stream = new Inflate((chunk) => {
    if (length + chunk.byteLength > size) throw damagedZip(`${who} of ${size} bytes`, 'more');
    content.set(chunk, length);
    length += chunk.byteLength;
  });
  try {
    for (let at = 0; at < packed.byteLength; at += 4096) {
      stream.push(packed.subarray(at, at + 4096), at + 4096 >= packed.byteLength);
    }
  } catch (error) {
    throw error instanceof WeightFileError ? error : damagedZip(`${who} deflated`, String(error));
  }
  return content.subarray(0, length);
}
