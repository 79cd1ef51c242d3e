import type { InputMode } from '../../../contract/modes';
import type { Block } from '../pool';

/**
 * A tensor that is not computed yet. Kernels that know a kind of it fuse it into their own pass over memory; for all others it is computed when they
 * read it. It keeps the blocks alive that it needs.
 */
export interface Deferred {
  /** Runs the computation. The result belongs to the caller. */
  compute(): Block;
  /** Lets go of what it needs. */
  dispose(): void;
}

/** How a convolution gets its input: as it lies in memory, or from a computation that it does while it reads. */
export interface Input {
  mode: InputMode;
  block: Block;
  factors?: Block;
  other?: Block;
}

/** All blocks of an input. */
export const inputBlocks = ({ block, factors, other }: Input): Block[] =>
  [block, factors, other].filter((b) => b !== undefined);

/** What `f` makes of a block, whose user is taken away afterwards, also when `f` throws. */
export function using<T>(block: Block, f: (block: Block) => T): T {
  try {
    return f(block);
  } finally {
    block.release();
  }
}

/** Adds a user to each. */
export function retainAll(blocks: (Block | undefined)[]): void {
  for (const block of blocks) block?.retain();
}

/** Takes a user away from each. */
export function releaseAll(blocks: (Block | undefined)[]): void {
  for (const block of blocks) block?.release();
}
