import type { Block, Piece, PieceOwner, Pool } from '../pool';

/**
 * Memory for what recorded steps compute. A piece that is freed is kept for the same or another recorded step, not for the rest of the program: between two
 * replays nothing in it counts, so that all recordings share it.
 */
export class Arena implements PieceOwner {
  readonly #free = new Map<number, number[]>();
  #recordings = 0;

  constructor(private readonly pool: Pool) {}

  /** Adds a recording that needs the memory. */
  open(): void {
    this.#recordings++;
  }

  /** Takes a recording away. With the last one all free pieces go back to the pool, the others once they are free. */
  close(): void {
    if (--this.#recordings > 0) return;
    for (const [bytes, pointers] of this.#free) for (const pointer of pointers) this.pool.give({ pointer, bytes });
    this.#free.clear();
  }

  /** A free piece of this size, if there is one. */
  reuse(bytes: number): number | undefined {
    return this.#free.get(bytes)?.pop();
  }

  keep(block: Block): void {
    this.pool.keep(block);
  }

  give(piece: Piece): void {
    const same = this.#free.get(piece.bytes);
    if (this.#recordings === 0) this.pool.give(piece);
    else if (same) same.push(piece.pointer);
    else this.#free.set(piece.bytes, [piece.pointer]);
  }
}
