import type * as tf from '@tensorflow/tfjs';

/** Turns gradients into updates. It keeps its own memory (momentum, …) between calls, starting from nothing. */
export interface Optimizer {
  /**
   * Updates `variables` in place.
   *
   * @param variables The same ones, in the same order, at every call until `dispose`.
   * @param gradients One for each variable, of its shape. They stay the caller's.
   * @param rate Learning rate of this update.
   */
  apply(variables: readonly tf.Variable[], gradients: readonly tf.Tensor[], rate: number): void;

  /** What the next update depends on. The tensors stay the optimizer's: copy what must outlive the next `apply`. */
  state(): OptimizerState;

  /** Goes on from `state`, whose tensors are copied. */
  restore(state: OptimizerState): void;

  /** Frees the memory; the next `apply` starts from nothing again. */
  dispose(): void;
}

/** The memory of an optimizer. */
export interface OptimizerState {
  /** By name, one tensor for each variable in the order of `apply`; none before the first update. */
  readonly slots: Readonly<Record<string, readonly tf.Tensor[]>>;
  /** Counters and the like. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** Chooses the variables that weight decay applies to. */
export type DecaySelection = (variable: tf.Variable) => boolean;

/** The paper's choice: weight decay on all parameters. */
export const everything: DecaySelection = () => true;

/** A common choice: no weight decay on what has one axis, which is biases and batch normalisation. */
export const withoutNormAndBias: DecaySelection = (variable) => variable.rank > 1;
