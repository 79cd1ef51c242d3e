import { FreeList } from '../free-list';
import type { Block, Piece, PieceOwner, Pool } from '../pool';

/**
 * Memory for what recorded steps compute. A piece that is freed is kept for the same or another recorded step, not for the rest of the program: between two
 * replays nothing in it counts, so that all recordings share it.
 */
export class Arena implements PieceOwner {
  readonly #free = new FreeList();
  #recordings = 0;

  constructor(private readonly pool: Pool) {}

  /** Adds a recording that needs the memory. */
  open(): void {
    this.#recordings++;
  }

  /** Takes a recording away. With the last one all free pieces go back to the pool, the others once they are free. */
  close(): void {
    if (--this.#recordings > 0) return;
    for (const { start, size } of this.#free.takeAll()) this.pool.give({ pointer: start, bytes: size });
  }

  /** The address of as many free bytes, if there are any. */
  reuse(bytes: number): number | undefined {
    return this.#free.take(bytes);
  }

  keep(block: Block): void {
    this.pool.keep(block);
  }

  give(piece: Piece): void {
    if (this.#recordings === 0) this.pool.give(piece);
    else this.#free.give(piece.pointer, piece.bytes);
  }
}
