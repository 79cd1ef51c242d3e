import { HEAP, PAGES } from '../../contract/layout';
import { SimdMemoryError } from './errors';

const PAGE = 65536;
/** WebAssembly's 32-bit addresses end here. */
export const MAX_BYTES = 65536 * PAGE;
/** Kernels end with a whole vector: they read and write up to three floats behind a tensor. */
const SLACK = 64;

/** Some bytes of the memory. */
export interface Piece {
  readonly pointer: number;
  readonly bytes: number;
}

/** Where a piece goes back to. */
export interface PieceOwner {
  /** Takes back a piece. */
  give(piece: Piece): void;
  /** The running kernel answers for a block no longer. */
  keep(block: Block): void;
}

/** A piece of the pool in use. It goes back when its last user releases it and nothing is pinned to its address. */
export class Block implements Piece {
  #users = 1;
  #pins = 0;
  readonly #owner: PieceOwner;

  constructor(
    owner: PieceOwner,
    readonly pointer: number,
    readonly bytes: number,
  ) {
    this.#owner = owner;
  }

  /** How many tensors and waiting computations have it. */
  get users(): number {
    return this.#users;
  }

  /** Adds a user. */
  retain(): this {
    this.#users++;
    return this;
  }

  /** Takes a user away. Those that are left answer for the block. */
  release(): void {
    this.#owner.keep(this);
    if (--this.#users === 0) this.#giveIfFree();
  }

  /** Holds the address for a recorded step. */
  pin(): void {
    this.#pins++;
  }

  /** Lets go of the address. */
  unpin(): void {
    if (--this.#pins === 0) this.#giveIfFree();
  }

  #giveIfFree(): void {
    if (this.#users === 0 && this.#pins === 0) this.#owner.give(this);
  }
}

/** Rounds up to a size that other tensors of about this size share: steps of 1/64 of a power of two, at least 64 bytes. */
function sizeClass(bytes: number): number {
  const step = Math.max(64, 2 ** (Math.floor(Math.log2(bytes)) - 6));
  return Math.ceil(bytes / step) * step;
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Hands out pieces of one WebAssembly memory. A freed piece is kept for the next tensor of its size, so a training loop allocates in its first step only. */
export class Pool implements PieceOwner {
  /** Where blocks come from and go back to while a step is recorded. */
  arena: (PieceOwner & { reuse(bytes: number): number | undefined; took(block: Block): void }) | undefined;
  /** Makes room where there is none; false if it could not. */
  makeRoom: () => boolean = () => false;
  readonly #free = new Map<number, number[]>();
  #pending: Set<{ release(): void }> | undefined;
  #top = HEAP;
  #used = 0;

  constructor(
    readonly memory: WebAssembly.Memory,
    readonly limit = MAX_BYTES,
  ) {
    this.#notePages();
  }

  /** Bytes in use by tensors. */
  get usedBytes(): number {
    return this.#used;
  }

  /** Bytes ever handed out at a time, free pieces included. */
  get poolBytes(): number {
    return this.#top - HEAP;
  }

  /**
   * @param bytes How much.
   * @param what Who asks, for the error: a tensor's kernel and shape.
   * @throws SimdMemoryError when the pool is full.
   */
  take(bytes: number, what: string): Block {
    const size = sizeClass(bytes + SLACK);
    const reused = this.arena?.reuse(size);
    const pointer = reused ?? this.#piece(size) ?? (this.makeRoom() ? this.#piece(size) : undefined);
    if (pointer === undefined) {
      throw new SimdMemoryError(
        `simd: ${what} needs ${mebibytes(bytes)}, but ${mebibytes(this.#used)} of ${mebibytes(this.limit)} are in use. ` +
          'Reduce the batch size or the image size, or dispose tensors (tf.tidy, dispose()).',
      );
    }
    if (reused === undefined) this.#used += size;
    const block = new Block(this.arena ?? this, pointer, size);
    this.arena?.took(block);
    this.releaseOnFailure(block);
    return block;
  }

  #piece(size: number): number | undefined {
    return this.#free.get(size)?.pop() ?? this.#extend(size) ?? this.#carve(size);
  }

  /** What `f` takes also while a step is recorded comes from where no recorded step writes. */
  outside<T>(f: () => T): T {
    const { arena } = this;
    this.arena = undefined;
    try {
      return f();
    } finally {
      this.arena = arena;
    }
  }

  /** Runs a kernel. If it throws, what it took, and nobody keeps or has released, goes back. */
  during<T>(kernel: () => T): T {
    if (this.#pending) return kernel(); // a part of another
    const pending = new Set<{ release(): void }>();
    this.#pending = pending;
    try {
      return kernel();
    } catch (error) {
      for (const one of pending) one.release();
      throw error;
    } finally {
      this.#pending = undefined;
    }
  }

  /** Something that the running kernel has made, to be released if it throws. */
  releaseOnFailure(made: { release(): void }): void {
    this.#pending?.add(made);
  }

  /** The running kernel answers for a block no longer: a tensor, say, has it. */
  keep(block: Block): Block {
    this.#pending?.delete(block);
    return block;
  }

  give({ pointer, bytes }: Piece): void {
    this.#used -= bytes;
    this.#keep(pointer, bytes);
  }

  #keep(pointer: number, size: number): void {
    const same = this.#free.get(size);
    if (same) same.push(pointer);
    else this.#free.set(size, [pointer]);
  }

  /** New ground at the top, growing the memory if need be. */
  #extend(size: number): number | undefined {
    const end = this.#top + size;
    if (end > this.limit) return undefined;
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0 && !this.#grow(missing)) return undefined;
    const pointer = this.#top;
    this.#top = end;
    return pointer;
  }

  #grow(missing: number): boolean {
    try {
      this.memory.grow(Math.ceil(missing / PAGE));
      this.#notePages();
      return true;
    } catch {
      return false;
    }
  }

  #notePages(): void {
    const { buffer } = this.memory;
    new Int32Array(buffer)[PAGES / 4] = buffer.byteLength / PAGE;
  }

  /** The memory is full: joins free neighbours and cuts the piece from the smallest that has room. */
  #carve(size: number): number | undefined {
    const pieces = this.#join();
    const best = pieces.filter((piece) => piece.size >= size).sort((a, b) => a.size - b.size)[0];
    this.#free.clear();
    for (const piece of pieces) {
      const offset = piece === best ? size : 0;
      if (piece.size > offset) this.#keep(piece.pointer + offset, piece.size - offset);
    }
    return best?.pointer;
  }

  #join(): { pointer: number; size: number }[] {
    const pieces = [...this.#free].flatMap(([size, pointers]) => pointers.map((pointer) => ({ pointer, size })));
    pieces.sort((a, b) => a.pointer - b.pointer);
    const joined: { pointer: number; size: number }[] = [];
    for (const piece of pieces) {
      const last = joined.at(-1);
      if (last && last.pointer + last.size === piece.pointer) last.size += piece.size;
      else joined.push({ ...piece });
    }
    return joined;
  }
}
