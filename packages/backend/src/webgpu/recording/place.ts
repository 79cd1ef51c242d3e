/// <reference types="@webgpu/types" />
/** A value's length in bytes, and the first and the last command that use it. */
export interface Span {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** Makes buffers for values that live within a step. */
export interface Shelf {
  take(bytes: number): GPUBuffer;
}

/**
 * Gives values buffers so that those which are not needed at the same time share one: by linear scan over the commands,
 * into the smallest free buffer that is large enough and not more than half empty.
 */
export function placeValues<T extends Span>(values: readonly T[], shelf: Shelf): Map<T, GPUBuffer> {
  const placed = new Map<T, GPUBuffer>();
  let busy: { value: T; buffer: GPUBuffer }[] = [];
  const free: GPUBuffer[] = [];
  for (const value of values.toSorted((a, b) => a.first - b.first || b.bytes - a.bytes)) {
    for (const { value: other, buffer } of busy) if (other.last < value.first) free.push(buffer);
    busy = busy.filter(({ value: other }) => other.last >= value.first);
    const fitting = free.filter(({ size }) => size >= value.bytes && size <= 2 * value.bytes + 65_536);
    const best = fitting.toSorted((a, b) => a.size - b.size)[0];
    if (best) free.splice(free.indexOf(best), 1);
    const buffer = best ?? shelf.take(value.bytes);
    busy.push({ value, buffer });
    placed.set(value, buffer);
  }
  return placed;
}
