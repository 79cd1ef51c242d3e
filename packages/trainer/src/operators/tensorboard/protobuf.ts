/** Encodes the few protobuf field kinds an event file needs: https://protobuf.dev/programming-guides/encoding/. */

const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;
const fixed32 = 5;

/** A message is its fields, one after another. */
export const message = (...fields: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(fields));

/** A whole number from 0 to 2⁵³ − 1, as int32, int64 or an enum. */
export const integerField = (field: number, value: number): Uint8Array =>
  message(tag(field, varint), encodeVarint(value));

export function doubleField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return message(tag(field, fixed64), bytes);
}

export function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return message(tag(field, fixed32), bytes);
}

/** Raw bytes, or a nested message. */
export const bytesField = (field: number, value: Uint8Array): Uint8Array =>
  message(tag(field, lengthDelimited), encodeVarint(value.length), value);

export const textField = (field: number, value: string): Uint8Array =>
  bytesField(field, new TextEncoder().encode(value));

const tag = (field: number, wireType: number): Uint8Array => encodeVarint(field * 8 + wireType);

/** Seven bits a byte, the lowest first; the top bit says that more follow. Arithmetic, not bit operators: those stop at 2³¹. */
function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
