import type * as tf from '@tensorflow/tfjs';

/** Extends a graph by some layers. Each call creates fresh weights. Images are `[batch, height, width, channels]`. */
export type Block = (x: tf.SymbolicTensor) => tf.SymbolicTensor;

/** Adds nothing: `identity(x)` is `x`. */
export const identity: Block = (x) => x;

/** Runs blocks left to right: `chain(f, g)(x)` is `g(f(x))`. */
export const chain =
  (...blocks: readonly Block[]): Block =>
  (x) =>
    blocks.reduce((y, block) => block(y), x);

/** Chains `times` blocks; `make` gets each one's index, from 0, so that the first may differ. */
export const repeat = (times: number, make: (index: number) => Block): Block =>
  chain(...Array.from({ length: times }, (_, index) => make(index)));

/** How many channels (the last axis) a tensor of the graph has. */
export const channels = (x: tf.SymbolicTensor): number => {
  const count = x.shape.at(-1);
  if (count == null)
    throw new TypeError(`channels: the last axis must be known, got [${x.shape}]. Give a full inputShape.`);
  return count;
};
