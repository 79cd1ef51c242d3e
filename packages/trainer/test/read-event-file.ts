import protobuf from 'protobufjs';

/** TensorFlow's event.proto and summary.proto, as far as they are used here. */
const schema = `
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; }
  }
  message Summary {
    message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
    message Value { string tag = 1; oneof value { float simple_value = 2; Image image = 4; } }
    repeated Value value = 1;
  }`;
const Event = protobuf.parse(schema).root.lookupType('Event');

interface Picture {
  height: number;
  width: number;
  colorspace: number;
  png: Uint8Array;
}

export interface ReadEvent {
  wallTime: number;
  step: number;
  version?: string;
  scalars: Record<string, number>;
  images: Record<string, Picture>;
}

/** Reads an event file with a protobuf library of its own and a CRC computed bit by bit. */
export function readEventFile(bytes: Buffer): ReadEvent[] {
  const events: ReadEvent[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    check(bytes.subarray(at, at + 8), bytes.readUInt32LE(at + 8));
    const data = bytes.subarray(at + 12, at + 12 + length);
    check(data, bytes.readUInt32LE(at + 12 + length));
    events.push(decode(data));
    at += 16 + length;
  }
  return events;
}

function decode(data: Buffer): ReadEvent {
  const event = Event.toObject(Event.decode(data), { longs: Number, defaults: false }) as {
    wallTime: number;
    step?: number;
    fileVersion?: string;
    summary?: { value: { tag: string; simpleValue?: number; image?: Picture & { encodedImageString: Uint8Array } }[] };
  };
  const values = event.summary?.value ?? [];
  return {
    wallTime: event.wallTime,
    step: event.step ?? 0,
    ...(event.fileVersion === undefined ? {} : { version: event.fileVersion }),
    scalars: Object.fromEntries(
      values.flatMap(({ tag, simpleValue }) => (simpleValue === undefined ? [] : [[tag, simpleValue]])),
    ),
    images: Object.fromEntries(
      values.flatMap(({ tag, image }) => {
        if (!image) return [];
        const { encodedImageString, ...rest } = image;
        return [[tag, { ...rest, png: new Uint8Array(encodedImageString) }]];
      }),
    ),
  };
}

/** CRC-32C as a division of polynomials, one bit at a time, then TFRecord's mask. */
function check(bytes: Uint8Array, expected: number): void {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    for (let bit = 0n; bit < 8n; bit++) {
      const carry = (crc ^ (BigInt(byte) >> bit)) & 1n;
      crc = (crc >> 1n) ^ (carry * 0x82f63b78n);
    }
  }
  crc ^= 0xffffffffn;
  const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
  const masked = (rotated + 0xa282ead8n) & 0xffffffffn;
  if (Number(masked) !== expected) throw new Error(`CRC must be ${expected}, got ${masked}.`);
}
