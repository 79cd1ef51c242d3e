import { maskedCrc32c } from './crc32c';

/** Bytes around a record's data: its length (8), that length's CRC (4), the data's CRC (4). */
const overhead = 16;

/** Frames bytes as one TFRecord: u64 length, masked CRC-32C of the length, data, masked CRC-32C of the data; little-endian. */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + overhead);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
}

/** One record of a file and the offset at which the next one starts. */
export interface ReadRecord {
  /** Null where it is damaged. */
  data: Uint8Array | null;
  end: number;
}

/**
 * Reads TFRecords one after another and stops, without an error, at the first that is cut short or whose length is damaged:
 * nothing tells where the next begins.
 */
export function* decodeRecords(bytes: Uint8Array): Generator<ReadRecord> {
  for (let start = 0; ; ) {
    const record = recordAt(bytes, start);
    if (!record) return;
    yield record;
    start = record.end;
  }
}

function recordAt(bytes: Uint8Array, start: number): ReadRecord | null {
  if (start + overhead > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  if (view.getUint32(8, true) !== maskedCrc32c(bytes.subarray(start, start + 8))) return null;
  const length = Number(view.getBigUint64(0, true));
  const end = start + overhead + length;
  if (end > bytes.length) return null;
  const data = bytes.subarray(start + 12, start + 12 + length);
  return { data: view.getUint32(12 + length, true) === maskedCrc32c(data) ? data : null, end };
}
