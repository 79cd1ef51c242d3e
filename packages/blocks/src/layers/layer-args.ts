import * as tf from '@tensorflow/tfjs';
import { BlockError } from '../errors';

/** What every tf.layers layer accepts: `name`, `trainable`, `inputShape`, … */
export type LayerArgs = NonNullable<ConstructorParameters<typeof tf.layers.Layer>[0]>;

/** A shape in a graph; null for an axis that is not known yet. */
export type Shape = (number | null)[];

/** The only tensor of a layer with one input. */
export const onlyTensor = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor => (Array.isArray(inputs) ? inputs[0]! : inputs);

/** The only shape of a layer with one input. */
export const onlyShape = (shape: Shape | Shape[]): Shape => {
  const [first] = shape;
  return Array.isArray(first) ? first : (shape as Shape);
};

/** The size of the last axis, which a layer's weights depend on. */
export function lastAxis(who: string, shape: Shape | Shape[]): number {
  const size = onlyShape(shape).at(-1);
  if (size == null)
    throw new BlockError(`${who}: the last axis must be known, got [${shape}]. Give a full inputShape.`);
  return size;
}

/** What a layer that is fed weights by tf.layers starts from. */
export const zeros = () => tf.initializers.zeros();
