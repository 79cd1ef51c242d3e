interface ArrayType<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer): T;
}

/** A zeroed typed array in memory that worker threads read without a copy. */
export const shared = <T>(Type: ArrayType<T>, length: number): T =>
  new Type(new SharedArrayBuffer(length * Type.BYTES_PER_ELEMENT));

/** A copy in shared memory. */
export function toShared<T extends { set(values: ArrayLike<number>): void }>(
  Type: ArrayType<T>,
  values: ArrayLike<number>,
): T {
  const copy = shared(Type, values.length);
  copy.set(values);
  return copy;
}
