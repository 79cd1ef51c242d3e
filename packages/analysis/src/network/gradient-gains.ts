import * as tf from '@tensorflow/tfjs';
import { mapBetweenLayers } from './between';
import { someIdentityBlocks } from './identity-blocks';
import { checkLabels } from './labels';
import { takeNorm } from './norm';

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
export async function gradientGains(
  model: tf.LayersModel,
  images: tf.Tensor,
  labels: Int32Array,
): Promise<GradientGain[]> {
  const [first, last] = [model.layers[0]!, model.layers.at(-1)!];
  const gradientAt = (layer: tf.layers.Layer): Promise<number> =>
    takeNorm(
      tf.tidy(() => {
        const value = mapBetweenLayers(first, layer)(images);
        return tf.grad((x: tf.Tensor) => loss(mapBetweenLayers(layer, last)(x), labels))(value);
      }),
    );
  const gains: GradientGain[] = [];
  for (const { name, input, addition } of someIdentityBlocks('gradientGains', model)) {
    gains.push({ block: name, gain: (await gradientAt(input)) / (await gradientAt(addition)) });
  }
  return gains;
}

function loss(logits: tf.Tensor, labels: Int32Array): tf.Scalar {
  checkLabels('gradientGains', labels, logits.shape);
  const truth = tf.oneHot(tf.tensor1d(labels, 'int32'), logits.shape[1]!);
  return tf.losses.softmaxCrossEntropy(truth, logits).asScalar();
}
