import { check } from './augment-error';
import { toBytes, toFloats } from './convert';
import { blank, checkImage, fullScale, type Image, imageOf } from './image';

/** Keeps the highest `bits` bits of each byte, 0 to 8. Floats are made bytes for it, and floats again. */
export function posterize(image: Image, bits: number): Image {
  check(Number.isInteger(bits) && bits >= 0 && bits <= 8, 'posterize', 'bits must be from 0 to 8', bits, 'Try 4.');
  return throughBytes(image, (bytes) => ({ ...bytes, data: bytes.data.map((value) => value & -(2 ** (8 - bits))) }));
}

/** Inverts values from `threshold` (on [0, 1]) up. */
export function solarize(image: Image, threshold: number): Image {
  checkImage('solarize', image);
  const most = fullScale(image);
  return { ...image, data: image.data.map((value) => (value >= threshold * most ? most - value : value)) };
}

/** Stretches each channel to the full scale. A constant channel is not changed. */
export const autoContrast = (image: Image): Image =>
  perChannel(image, (values) => {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const range = high - low;
    return range === 0 ? (value) => value : (value) => ((value - low) * fullScale(image)) / range;
  });

/** Spreads each channel's values evenly (as Pillow does). Floats are made bytes for it, and floats again. */
export const equalize = (image: Image): Image =>
  throughBytes(image, (bytes) =>
    perChannel(bytes, (values) => {
      const counts = new Uint32Array(256);
      for (const value of values) counts[value]!++;
      const highest = counts[counts.findLastIndex((count) => count > 0)]!;
      const step = Math.floor((values.length - highest) / 255);
      if (step === 0) return (value) => value;
      let below = Math.floor(step / 2);
      const table = Uint8ClampedArray.from(counts, (count) => {
        below += count;
        return Math.floor((below - count) / step);
      });
      return (value) => table[value]!;
    }),
  );

/** Maps the values of each channel by a function made from them. */
function perChannel(image: Image, mapOf: (values: Uint8Array | Float32Array) => (value: number) => number): Image {
  checkImage('levels', image);
  const { data, channels } = image;
  const out = blank(image);
  for (let k = 0; k < channels; k++) {
    const map = mapOf(data.filter((_, i) => i % channels === k));
    for (let i = k; i < data.length; i += channels) out[i] = map(data[i]!);
  }
  return imageOf(out, image, channels);
}

function throughBytes(image: Image, operation: (bytes: Image) => Image): Image {
  const changed = operation(toBytes(image));
  return image.data instanceof Uint8Array ? changed : toFloats(changed);
}
