import * as tf from '@tensorflow/tfjs';

/** One kept tensor for each variable: the memory of an optimizer. */
export interface Slots {
  /** The tensors, made of zeros if there are none yet. */
  for(variables: readonly tf.Variable[]): readonly tf.Tensor[];
  /** The tensors there are. */
  all(): readonly tf.Tensor[];
  /** Replaces one; `value` becomes the slot's. */
  set(index: number, value: tf.Tensor): void;
  /** Replaces all by copies. */
  restore(values: readonly tf.Tensor[]): void;
  dispose(): void;
}

export function slots(): Slots {
  let tensors: tf.Tensor[] = [];
  const dispose = () => {
    tf.dispose(tensors);
    tensors = [];
  };
  return {
    for: (variables) => {
      if (tensors.length === 0) tensors = variables.map((variable) => tf.keep(tf.zerosLike(variable)));
      return tensors;
    },
    all: () => tensors,
    set: (index, value) => {
      tensors[index]!.dispose();
      tensors[index] = tf.keep(value);
    },
    restore: (values) => {
      dispose();
      tensors = values.map((value) => tf.keep(value.clone()));
    },
    dispose,
  };
}
