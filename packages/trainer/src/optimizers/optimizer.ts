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

/** Variables that learn at a multiple of the rate, as a new head on a net that is fine-tuned does. */
export interface RateGroup {
  /** Whether a variable is in the group. */
  readonly includes: (variable: tf.Variable) => boolean;
  /** What the rate is multiplied by; from 0. */
  readonly scale: number;
}

/** The multiples of the rate, and which of them a variable has. */
export interface RateScales {
  /** 1, then those of the groups. */
  readonly scales: readonly number[];
  /** Index of a variable's: of the first group that includes it, else 0. */
  indexOf(variable: tf.Variable): number;
}

/**
 * Multiples of the rate by group.
 *
 * @throws TrainError for a multiple that is no number from 0.
 */
export function rateScales(who: string, groups: readonly RateGroup[]): RateScales {
  const wrong = groups.find(({ scale }) => !(scale >= 0 && scale < Number.POSITIVE_INFINITY));
  if (wrong) {
    throw new TrainError(
      `${who}: the scale of a rate group must be a number from 0, got ${wrong.scale}. Try 10 for a new head.`,
    );
  }
  return {
    scales: [1, ...groups.map(({ scale }) => scale)],
    indexOf: (variable) => groups.findIndex(({ includes }) => includes(variable)) + 1,
  };
}
