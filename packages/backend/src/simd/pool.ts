import { HEAP, PAGES } from '../../contract/layout';
import { SimdMemoryError } from './errors';
import { FreeList } from './free-list';

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

/** Rounds up to whole cache lines. */
const wholeLines = (bytes: number): number => Math.ceil(bytes / 64) * 64;

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Hands out pieces of one WebAssembly memory, which grows where no free piece is large enough. */
export class Pool implements PieceOwner {
  /** Where blocks come from and go back to while a step is recorded. */
  arena: (PieceOwner & { reuse(bytes: number): number | undefined; took(block: Block): void }) | undefined;
  /** Makes room where there is none; false if it could not. */
  makeRoom: () => boolean = () => false;
  readonly #free = new FreeList();
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
    const size = wholeLines(bytes + SLACK);
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
    return this.#free.take(size) ?? this.#extend(size);
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
    this.#free.give(pointer, bytes);
  }

  /** New ground at the top, from the free piece there on, growing the memory if need be. */
  #extend(size: number): number | undefined {
    const start = this.#free.takeLast(this.#top);
    const end = start + size;
    const missing = end - this.memory.buffer.byteLength;
    if (end > this.limit || (missing > 0 && !this.#grow(missing))) {
      if (start < this.#top) this.#free.give(start, this.#top - start);
      return undefined;
    }
    this.#top = end;
    return start;
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
}
