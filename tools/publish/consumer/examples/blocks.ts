import { basic, head, network, projected, residual } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';

/** Builds a net of one block with a projection. */
export const example = () => {
  const model = network({ inputShape: [4, 4, 2], seed: 1 }, (x) => head(3)(basic(4, 2, projected)(x)));
  return [typeof residual, (model.predict(tf.zeros([5, 4, 4, 2])) as tf.Tensor).shape];
};
