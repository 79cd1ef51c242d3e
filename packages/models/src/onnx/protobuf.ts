// The few kinds of protobuf fields that an ONNX file needs: https://protobuf.dev/programming-guides/encoding/.

/** A message is its fields, one after another. */
export function message(...fields: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((length, field) => length + field.length, 0));
  let at = 0;
  for (const field of fields) {
    bytes.set(field, at);
    at += field.length;
  }
  return bytes;
}

/** A whole number from 0 to 2⁵³ − 1, as int32, int64 or an enum. */
export const integer = (field: number, value: number): Uint8Array => message(varint(field * 8), varint(value));

export function float(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return message(varint(field * 8 + 5), bytes);
}

/** Raw bytes, or a nested message. */
export const bytes = (field: number, value: Uint8Array): Uint8Array =>
  message(varint(field * 8 + 2), varint(value.length), value);

export const text = (field: number, value: string): Uint8Array => bytes(field, new TextEncoder().encode(value));

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function varint(value: number): Uint8Array {
  const digits: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) digits.push((rest % 128) + 128);
  return Uint8Array.from([...digits, rest]);
}
