/**
 * Free pieces of the memory. The smallest that has room is cut; a piece that comes back is joined with its free neighbors. So tensors of all sizes share
 * the memory: with a list for each size, a network whose images shrink from stage to stage took nearly twice what it used at a time.
 */
export class FreeList {
  /** Size of each free piece by its address, and addresses by the address behind it. */
  readonly #sizes = new Map<number, number>();
  readonly #starts = new Map<number, number>();
  /** Addresses by size, and these sizes in ascending order. */
  readonly #bySize = new Map<number, number[]>();
  readonly #ascending: number[] = [];

  /** The address of `size` bytes that were free, if there are any. */
  take(size: number): number | undefined {
    const found = this.#ascending[this.#place(size)];
    const start = found === undefined ? undefined : this.#bySize.get(found)?.at(-1);
    if (start === undefined || found === undefined) return undefined;
    this.#remove(start, found);
    if (found > size) this.#add(start + size, found - size);
    return start;
  }

  /** Frees `size` bytes at `start`. */
  give(start: number, size: number): void {
    const after = this.#sizes.get(start + size);
    if (after !== undefined) this.#remove(start + size, after);
    const before = this.#starts.get(start);
    if (before !== undefined) this.#remove(before, start - before);
    this.#add(before ?? start, size + (after ?? 0) + (before === undefined ? 0 : start - before));
  }

  /** Takes the free piece that ends at `end`; returns its address, or `end` where there is none. */
  takeLast(end: number): number {
    const start = this.#starts.get(end);
    if (start === undefined) return end;
    this.#remove(start, end - start);
    return start;
  }

  /** Takes all pieces. */
  takeAll(): { start: number; size: number }[] {
    const all = [...this.#sizes].map(([start, size]) => ({ start, size }));
    for (const { start, size } of all) this.#remove(start, size);
    return all;
  }

  /** Where `size` stands, or would stand, among the sizes. */
  #place(size: number): number {
    let [low, high] = [0, this.#ascending.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ascending[middle]! < size) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #add(start: number, size: number): void {
    this.#sizes.set(start, size);
    this.#starts.set(start + size, start);
    const same = this.#bySize.get(size);
    if (same) same.push(start);
    else {
      this.#bySize.set(size, [start]);
      this.#ascending.splice(this.#place(size), 0, size);
    }
  }

  #remove(start: number, size: number): void {
    this.#sizes.delete(start);
    this.#starts.delete(start + size);
    const same = this.#bySize.get(size)!;
    same.splice(same.lastIndexOf(start), 1);
    if (same.length > 0) return;
    this.#bySize.delete(size);
    this.#ascending.splice(this.#place(size), 1);
  }
}
