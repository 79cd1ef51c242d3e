/** Bits that JavaScript has no number type for (F16, BF16, F8) are kept raw, as unsigned integers of the same width. */
const arrays = {
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  F8_E5M2: Uint8Array,
  F8_E4M3: Uint8Array,
  I16: Int16Array,
  U16: Uint16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
  F32: Float32Array,
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
} as const;

/** Element types of the format. The order is the reference implementation's, by width: it sorts tensors by it. */
export type Dtype = keyof typeof arrays;

/** What holds the elements of a tensor: for F16, BF16 and F8 their raw bits, see `toFloat32`. */
export type TensorData =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** One tensor of a file. */
export interface SafeTensor {
  /** How the file stores an element. */
  dtype: Dtype;
  /** Sizes of the axes; `[]` is a single number. */
  shape: number[];
  /** As many elements as the product of `shape`, row by row. */
  data: TensorData;
}

/** All dtypes, narrowest first. */
export const dtypes = Object.keys(arrays) as readonly Dtype[];

/** Whether a string names a dtype. Own keys only: `constructor` is none. */
export const isDtype = (name: string): name is Dtype => Object.hasOwn(arrays, name);

/** Bytes of one element. */
export const bytesPerElement = (dtype: Dtype): number => arrays[dtype].BYTES_PER_ELEMENT;

/** Whether `data` is the array class that holds `dtype`. */
export const holds = (dtype: Dtype, data: TensorData): boolean => data instanceof arrays[dtype];

/** Little-endian bytes as elements: a view where the address is aligned, a copy otherwise. */
export function tensorElements(dtype: Dtype, bytes: Uint8Array): TensorData {
  const width = bytesPerElement(dtype);
  // Not `slice`, which of Node's Buffers is another view.
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  return new arrays[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / width);
}
