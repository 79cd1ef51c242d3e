import type { Image } from './image';
import { misfit, type Normalizer } from './normalize';

/** Values a byte can have. */
const LEVELS = 256;

/**
 * `normalizeInto(shiftColors(toFloats(image), shift), …)` for bytes in one pass, to the bit: values are looked up by byte.
 *
 * @param shift One a channel, on [0, 1]; null normalizes the bytes as they are.
 * @throws AugmentError if the statistics fit neither the channels nor the whole image.
 */
export function shiftInto(
  image: Image & { readonly data: Uint8Array },
  shift: readonly number[] | null,
  { mean, inverse }: Normalizer,
  out: Float32Array,
  offset: number,
): void {
  const { data, channels } = image;
  const levels = levelsOf(channels, shift);
  if (mean.length === channels) lookUp(data, normalized(levels, mean, inverse), channels, out, offset);
  else if (mean.length !== data.length) throw misfit('shiftInto', image, mean.length);
  else {
    for (let i = 0; i < data.length; i++) {
      out[offset + i] = (levels[(i % channels) * LEVELS + data[i]!]! - mean[i]!) * inverse[i]!;
    }
  }
}

/** What each byte of each channel is on [0, 1] after the shift; rounded as the steps between would be. */
function levelsOf(channels: number, shift: readonly number[] | null): Float64Array {
  return Float64Array.from({ length: channels * LEVELS }, (_, i) => {
    const value = (i % LEVELS) * (1 / 255);
    return shift ? Math.fround(Math.fround(value) + (shift[Math.floor(i / LEVELS)] ?? 0)) : value;
  });
}

const normalized = (levels: Float64Array, mean: Float32Array, inverse: Float32Array): Float32Array =>
  Float32Array.from(levels, (value, i) => {
    const channel = Math.floor(i / LEVELS);
    return (value - mean[channel]!) * inverse[channel]!;
  });

function lookUp(data: Uint8Array, table: Float32Array, channels: number, out: Float32Array, offset: number): void {
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * LEVELS;
    for (let i = channel; i < data.length; i += channels) out[offset + i] = table[start + data[i]!]!;
  }
}
