import type { Image } from './image';

/** Bytes as floats in [0, 1]; floats as they are. */
export function toFloats(image: Image): Image {
  if (image.data instanceof Float32Array) return image;
  return { ...image, data: scaled(image.data, 1 / 255, new Float32Array(image.data.length)) };
}

/** Floats in [0, 1] as bytes, rounded and clamped; bytes as they are. */
export function toBytes(image: Image): Image {
  if (image.data instanceof Uint8Array) return image;
  const clamped = scaled(image.data, 255, new Uint8ClampedArray(image.data.length));
  return { ...image, data: new Uint8Array(clamped.buffer) };
}

function scaled<T extends Float32Array | Uint8ClampedArray>(values: Image['data'], factor: number, out: T): T {
  for (let i = 0; i < values.length; i++) out[i] = values[i]! * factor;
  return out;
}
