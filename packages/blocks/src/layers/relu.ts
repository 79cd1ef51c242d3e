import * as tf from '@tensorflow/tfjs';
import { reluOp } from '../ops/relu';
import { onlyTensor } from './layer-args';

/** max(x, 0), whose gradient is taken from the output. Any shape. */
export class ReLU extends tf.layers.Layer {
  /** What saved models call this layer. */
  static readonly className = 'ResNetReLU';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return reluOp(onlyTensor(inputs));
  }
}
tf.serialization.registerClass(ReLU);
