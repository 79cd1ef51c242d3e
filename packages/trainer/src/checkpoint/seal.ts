import { type NamedTensors, parseSafetensors, serializeSafetensors } from '@resnet/safetensors';
import { CheckpointError } from '../errors';

/** The metadata key of the SHA-256 of a file in which the digest itself is replaced by zeros. */
const key = 'sha256';
const blank = '0'.repeat(64);

/** A safetensors file that carries its own SHA-256, in its metadata. */
export async function seal(tensors: NamedTensors, metadata: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const bytes = serializeSafetensors(tensors, { [key]: blank, ...metadata });
  const digest = await sha256(bytes);
  bytes.set(ascii(digest), placeOf(bytes, blank));
  return bytes;
}

/**
 * Reads what `seal` wrote; `bytes` stay as they are, and must, as tensors are views of them.
 *
 * @throws CheckpointError if a single bit has changed; SafetensorsError if it isn't a safetensors file.
 */
export async function unseal(bytes: Uint8Array): Promise<ReturnType<typeof parseSafetensors>> {
  const parsed = parseSafetensors(bytes);
  const expected = parsed.metadata[key];
  if (expected?.length !== blank.length) {
    throw new CheckpointError('unseal: a checkpoint must carry its SHA-256, got none. Use a file the trainer wrote.');
  }
  // Not bytes.slice(), which is a view where bytes are Node's Buffer.
  const original = new Uint8Array(bytes);
  original.set(ascii(blank), placeOf(bytes, expected));
  const actual = await sha256(original);
  if (actual === expected) return parsed;
  throw new CheckpointError(`unseal: SHA-256 must be ${expected}, got ${actual}. The file is damaged: use another.`);
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Where the digest begins. It is the first metadata entry, so the first place that reads like it. */
function placeOf(bytes: Uint8Array, digest: string): number {
  const entry = `"${key}":"${digest}"`;
  const header = new TextDecoder('latin1').decode(bytes.subarray(0, 1024));
  const place = header.indexOf(entry);
  if (place >= 0) return place + entry.length - 1 - digest.length;
  throw new CheckpointError('unseal: SHA-256 must be the first entry of the metadata. Use a file the trainer wrote.');
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
