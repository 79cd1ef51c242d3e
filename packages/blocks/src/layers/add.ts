import * as tf from '@tensorflow/tfjs';
import { BlockError } from '../errors';
import type { Shape } from './layer-args';

/** Sum of branch and shortcut, two tensors of one shape. One op; `tf.layers.add()` makes a copy first. */
export class Add extends tf.layers.Layer {
  /** What saved models call this layer. */
  static readonly className = 'ResNetAdd';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [branch, shortcut] = inputs as [tf.Tensor, tf.Tensor];
    return tf.add(branch, shortcut);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [branch, shortcut] = inputShape as [Shape, Shape];
    if (branch.length === shortcut.length && branch.every((size, axis) => agree(size, shortcut[axis]))) return branch;
    throw new BlockError(
      `${this.name}: branch and shortcut must have one shape, got [${branch}] and [${shortcut}]. Use a shortcut that changes shape, such as padded() or projected.`,
    );
  }
}
tf.serialization.registerClass(Add);

const agree = (a: number | null | undefined, b: number | null | undefined): boolean =>
  a == null || b == null || a === b;
