import type * as tf from '@tensorflow/tfjs';
import { TrainError } from '../errors';

/** Turns gradients into updates. It keeps its own memory (momentum, …) between calls, which starts as zero. */
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

  /** Names of its slots. A checkpoint after the first update must have each; by default those that it happens to have are taken. */
  readonly slots?: readonly string[];

  /** Goes on from `state`, whose tensors are copied. */
  restore(state: OptimizerState): void;

  /**
   * How to update where steps are recorded once and replayed (`RecordingBackend`). Without it, steps are not recorded.
   */
  readonly recordable?: RecordableUpdate;

  /** Frees the memory; the next `apply` starts from zero again. */
  dispose(): void;
}

/** An update whose operations are always the same: what changes from one to the next comes as tensors. */
export interface RecordableUpdate {
  /** The numbers of the next update, always as many; counts it as done. */
  numbers(rate: number): readonly number[];
  /** As `Optimizer.apply`, with a tensor of one value, `[]`, for each number. They stay the caller's. */
  apply(variables: readonly tf.Variable[], gradients: readonly tf.Tensor[], numbers: readonly tf.Tensor[]): void;
}

/** The memory of an optimizer. */
export interface OptimizerState {
  /** By name, one tensor for each variable in the order of `apply`; none before the first update. */
  readonly slots: Readonly<Record<string, readonly tf.Tensor[]>>;
  /** Counters and the like. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** The choices of `decay` that have a name. */
export const DECAY_KINDS = ['all', 'without-norm-and-bias'] as const;

/**
 * The variables that weight decay applies to: `all`, as in the paper; `without-norm-and-bias` spares what has one axis, which
 * is biases and batch normalization; or a function that chooses.
 */
export type Decay = (typeof DECAY_KINDS)[number] | ((variable: tf.Variable) => boolean);

/**
 * Whether a variable decays.
 *
 * @throws TrainError for a name that does not exist.
 */
export function decaySelection(who: string, decay: Decay): (variable: tf.Variable) => boolean {
  if (typeof decay === 'function') return decay;
  if (decay === 'all') return () => true;
  if (decay === 'without-norm-and-bias') return (variable) => variable.rank > 1;
  throw new TrainError(`${who}: decay must be one of ${DECAY_KINDS.join(', ')} or a function, got ${decay}. Try all.`);
}
