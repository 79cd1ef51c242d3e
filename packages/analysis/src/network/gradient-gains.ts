import * as tf from '@tensorflow/tfjs';
import { mapBetweenLayers } from './between';
import { someIdentityBlocks } from './identity-blocks';
import { checkLabels } from './labels';

/** By how much a block scales the gradient that training sends back through it. */
export interface GradientGain {
  /** Name of the block's addition layer. */
  block: string;
  /** ‖∂loss/∂input‖ / ‖∂loss/∂output‖; 1 for the identity. */
  gain: number;
}

/**
 * The gain of the loss's own gradient through each identity block, output to input: the deck's "gradient of at least
 * 1" holds where this is 1 or more. The network runs in evaluation mode.
 *
 * @param images `[n, h, w, c]`, preprocessed as the model wants them; the caller disposes of it.
 * @param labels Class indices of the images.
 * @throws AnalysisError for a network without identity blocks, and where labels and images or classes do not fit.
 */
export function gradientGains(model: tf.LayersModel, images: tf.Tensor, labels: Int32Array): GradientGain[] {
  const [first, last] = [model.layers[0]!, model.layers.at(-1)!];
  const gradientAt = (layer: tf.layers.Layer): number =>
    tf.tidy(() => {
      const value = mapBetweenLayers(first, layer)(images);
      return norm(tf.grad((x: tf.Tensor) => loss(mapBetweenLayers(layer, last)(x), labels))(value));
    });
  return someIdentityBlocks('gradientGains', model).map(({ name, input, addition }) => ({
    block: name,
    gain: gradientAt(input) / gradientAt(addition),
  }));
}

function loss(logits: tf.Tensor, labels: Int32Array): tf.Scalar {
  checkLabels('gradientGains', labels, logits.shape);
  const truth = tf.oneHot(tf.tensor1d(labels, 'int32'), logits.shape[1]!);
  return tf.losses.softmaxCrossEntropy(truth, logits).asScalar();
}

function norm(tensor: tf.Tensor): number {
  let squares = 0;
  for (const v of tensor.dataSync()) squares += v * v;
  return Math.sqrt(squares);
}
