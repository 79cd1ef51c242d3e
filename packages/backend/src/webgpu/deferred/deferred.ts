import type { Block } from '../block';

/** A tensor that is computed when it is read, unless a later kernel takes it over. */
export interface Deferred {
  /** Runs the computation. The result belongs to the caller. */
  compute(): Block;
  /** Lets go of what it needs. */
  dispose(): void;
}

/** What a convolution reads: a block as it lies, or `relu(gain · x + shift)` by channel, computed while it is read. */
export interface Input {
  readonly block: Block;
  /** `[2, channels]`: gain, then shift. */
  readonly factors?: Block;
}

/** The blocks of an input, in the order in which kernels bind them. */
export const blocksOf = ({ block, factors }: Input): Block[] => (factors ? [block, factors] : [block]);
