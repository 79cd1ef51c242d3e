/** A file from a header as text (or any JSON) and as many bytes of data, whether they fit together or not. */
export function file(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  return fileOf(json, BigInt(json.byteLength), dataBytes);
}

/** A file whose length prefix need not tell the truth. */
export function fileOf(header: Uint8Array, length: bigint, dataBytes = 0): Uint8Array {
  const bytes = new Uint8Array(8 + header.byteLength + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  bytes.set(header, 8);
  return bytes;
}
