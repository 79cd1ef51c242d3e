import type { SafeTensor } from './dtype';
import { SafetensorsError } from './error';

/**
 * The elements of a tensor as float32: F32 is returned as it is (not copied), every other dtype is converted.
 *
 * @throws SafetensorsError for F8, which is not decoded.
 */
export function toFloat32({ dtype, data }: SafeTensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (dtype === 'F8_E4M3' || dtype === 'F8_E5M2') {
    throw new SafetensorsError(`toFloat32: dtype must not be an 8-bit float, got ${dtype}. Convert the file to F32.`);
  }
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float32Array.from(data, Number);
  if (dtype === 'F16') return Float32Array.from(data, fromHalf);
  if (dtype === 'BF16') return fromBrain(data);
  return Float32Array.from(data);
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** bfloat16 is the upper half of a float32. */
const fromBrain = (data: ArrayLike<number>): Float32Array =>
  new Float32Array(Uint32Array.from(data, (bits) => bits << 16).buffer);
