import { type SafeTensor, tensorElements } from './dtype';
import { SafetensorsError } from './error';
import { readHeader } from './header';

/** The reference implementation's limit: a longer header is an attack or an accident. */
export const maxHeaderBytes = 100_000_000;

/** Bytes of the length that every file starts with: a little-endian 64-bit integer. */
export const prefixBytes = 8;

/** What a file holds. */
export interface ParsedSafetensors {
  /** By name, in the order of the header. */
  tensors: Map<string, SafeTensor>;
  /** Strings of the header, by key; empty where it has none. */
  metadata: Record<string, string>;
}

/**
 * Reads a safetensors file. Every size is checked against the bytes present before anything is allocated from it.
 *
 * The tensors are views into `bytes` where alignment allows (files of `serialize` and of recent reference versions
 * put every tensor at a multiple of its width) and copies otherwise: do not write to `bytes` afterwards.
 *
 * @throws SafetensorsError for any file that the reference implementation rejects, and for duplicate keys, `__proto__`,
 *   unknown fields and dtypes, and numbers that are not integers below 2^53.
 */
export function parseSafetensors(bytes: Uint8Array): ParsedSafetensors {
  const headerEnd = prefixBytes + headerLength(bytes);
  const data = bytes.subarray(headerEnd);
  const { entries, metadata } = readHeader(decode(bytes.subarray(prefixBytes, headerEnd)), data.byteLength);
  const tensors = new Map<string, SafeTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, { dtype, shape, data: tensorElements(dtype, data.subarray(begin, end)) });
  }
  return { tensors, metadata };
}

function headerLength(bytes: Uint8Array): number {
  if (bytes.byteLength < prefixBytes) {
    throw new SafetensorsError(
      `parseSafetensors: a file must have at least ${prefixBytes} bytes, got ${bytes.byteLength}. Is it complete?`,
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, prefixBytes).getBigUint64(0, true);
  const most = Math.min(maxHeaderBytes, bytes.byteLength - prefixBytes);
  if (length > BigInt(most)) {
    throw new SafetensorsError(
      `parseSafetensors: the header must be at most ${most} bytes here, got ${length}. Is this a safetensors file, and complete?`,
    );
  }
  return Number(length);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SafetensorsError(
      'parseSafetensors: the header must be UTF-8 text, got other bytes. Is this a safetensors file?',
    );
  }
}
