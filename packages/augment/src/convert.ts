import type { Image } from './image';

/** Bytes as floats in [0, 1]; floats as they are. */
export function toFloats(image: Image): Image {
  if (image.data instanceof Float32Array) return image;
  return { ...image, data: Float32Array.from(image.data, (value) => value / 255) };
}

/** Floats in [0, 1] as bytes, rounded and clamped; bytes as they are. */
export function toBytes(image: Image): Image {
  if (image.data instanceof Uint8Array) return image;
  const clamped = Uint8ClampedArray.from(image.data, (value) => value * 255);
  return { ...image, data: new Uint8Array(clamped.buffer) };
}
