import { PickleError } from '../errors';

/** Reads a pickle's bytes in order and never past their end. */
export interface Cursor {
  /** Position of the next byte. */
  readonly at: number;
  take(length: number): DataView;
  byte(): number;
  uint16(): number;
  int32(): number;
  uint32(): number;
  /** Bytes as a non-negative count, at most 2^53. */
  uint64(): number;
  /** Big-endian, as pickle has it, unlike every other number. */
  float64(): number;
  text(length: number): string;
  /** Text up to the next line break, which is read too. */
  line(): string;
}

/** A cursor over `bytes` from `start` on. */
export function cursor(bytes: Uint8Array, start = 0): Cursor {
  let at = start;

  const take = (length: number): DataView => {
    if (length > bytes.byteLength - at) {
      throw new PickleError(
        `readWeights: the pickle must have ${length} bytes at byte ${at}, got ${bytes.byteLength - at}. Is the file complete?`,
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
    at += length;
    return view;
  };

  const text = (length: number): string => {
    const { buffer, byteOffset, byteLength } = take(length);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
        new Uint8Array(buffer, byteOffset, byteLength),
      );
    } catch {
      throw new PickleError(`readWeights: text before byte ${at} must be UTF-8, got other bytes. Is the file damaged?`);
    }
  };

  return {
    get at() {
      return at;
    },
    take,
    byte: () => take(1).getUint8(0),
    uint16: () => take(2).getUint16(0, true),
    int32: () => take(4).getInt32(0, true),
    uint32: () => take(4).getUint32(0, true),
    uint64: () => Number(take(8).getBigUint64(0, true)),
    float64: () => take(8).getFloat64(0, false),
    text,
    line: () => {
      const end = bytes.indexOf(0x0a, at);
      const value = text((end < 0 ? bytes.byteLength : end) - at);
      take(1);
      return value;
    },
  };
}
