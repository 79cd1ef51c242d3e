import * as tf from '@tensorflow/tfjs';
import { TrainError } from './errors';

/** A weight of a model under a name that is the same in every process. */
export interface Weight {
  /** `layer/kind`, as in `conv1/kernel`; a second weight of the same name gets `#2`, and numbers that TensorFlow.js gave are left out. */
  readonly name: string;
  readonly variable: tf.Variable;
}

/** All weights of a model in its own order: trainable ones first, then statistics and frozen ones. */
export const weightsOf = (model: tf.LayersModel): Weight[] => named(model.weights);

/** The weights that training changes by gradients. */
export const trainableWeightsOf = (model: tf.LayersModel): Weight[] => {
  const trainable = new Set(model.trainableWeights.map(variableOf));
  return weightsOf(model).filter(({ variable }) => trainable.has(variable));
};

/** Sets variables to values of the same shapes; the values stay the caller's. */
export function assignAll(variables: readonly tf.Variable[], values: readonly tf.Tensor[]): void {
  for (const [i, variable] of variables.entries()) variable.assign(values[i]!);
}

function named(weights: readonly tf.LayerVariable[]): Weight[] {
  const seen = new Map<string, number>();
  return weights.map((weight) => {
    const name = lasting(weight.originalName);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { name: count === 1 ? name : `${name}#${count}`, variable: variableOf(weight) };
  });
}

// TensorFlow.js numbers nameless layers through the process, `dense_Dense7`, so that a second model's are called otherwise.
const lasting = (name: string): string => name.replace(/^(.*_[A-Z][A-Za-z0-9]*?)\d+(?=\/)/, '$1');

function variableOf(weight: tf.LayerVariable): tf.Variable {
  const value = weight.read();
  if (value instanceof tf.Variable) return value;
  throw new TrainError(`train: weight ${weight.name} must be a variable. Load one copy of TensorFlow.js only.`);
}
