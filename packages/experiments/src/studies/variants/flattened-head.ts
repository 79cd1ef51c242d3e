import { type Block, chain, initialized, linear, scope } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';
import { type NetworkBuilder, networkOf } from '../../run/network';

/** The recipe's network with its last feature map fully connected, without the paper's average over pixels. */
export const flattenedHead: NetworkBuilder = (recipe, classes, imageSize) => {
  const averaging = networkOf(recipe, classes, imageSize);
  const features = averaging.getLayer('avgpool').input as tf.SymbolicTensor;
  const head = scope('', initialized({ seed: recipe.seed }, chain(flatten, linear(classes))));
  return tf.model({ inputs: averaging.inputs, outputs: head(features), name: `${recipe.model.name}-flattened` });
};

const flatten: Block = (x) => tf.layers.flatten({ name: 'flatten' }).apply(x) as tf.SymbolicTensor;
