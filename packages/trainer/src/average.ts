import * as tf from '@tensorflow/tfjs';
import { assignAll, type Weight } from './weights';

/** An exponential moving average of all weights of a model, statistics of its normalization included. */
export interface Average {
  /** Moves towards the present weights: `average = decay · average + (1 − decay) · weight`. */
  update(): void;
  /** The averages, in the order of the weights. They stay the average's. */
  tensors(): readonly tf.Tensor[];
  /** Goes on from other averages, which are copied. */
  restore(values: readonly tf.Tensor[]): void;
  /** Exchanges weights and averages: call it twice to have them back, bit for bit. */
  swap(): void;
  dispose(): void;
}

/** Starts from the present weights. */
export function average(weights: readonly Weight[], decay: number): Average {
  const variables = weights.map(({ variable }) => variable);
  let averages: tf.Tensor[] = [];
  const replace = (values: () => tf.Tensor[]) => {
    const old = averages;
    averages = tf.tidy(() => values().map((value) => tf.keep(value)));
    tf.dispose(old);
  };
  const copy = (values: readonly tf.Tensor[]) => values.map((value) => value.clone());
  const blend = (old: tf.Tensor, now: tf.Tensor) =>
    now.dtype === 'float32' ? tf.add(tf.mul(old, decay), tf.mul(now, 1 - decay)) : now.clone();
  replace(() => copy(variables));

  return {
    update: () => replace(() => averages.map((old, i) => blend(old, variables[i]!))),
    tensors: () => averages,
    restore: (values) => replace(() => copy(values)),
    swap: () => {
      const present = averages;
      averages = copy(variables).map((value) => tf.keep(value));
      assignAll(variables, present);
      tf.dispose(present);
    },
    dispose: () => {
      tf.dispose(averages);
      averages = [];
    },
  };
}
