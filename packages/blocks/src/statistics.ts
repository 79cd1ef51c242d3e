import * as tf from '@tensorflow/tfjs';
import { BatchNorm } from './layers/batch-norm';

/**
 * Replaces the running statistics of every trainable batch normalisation by true averages over `batches`,
 * as the paper's published models have them. The batches stay the caller's.
 */
export async function reestimateStatistics(
  model: tf.LayersModel,
  batches: Iterable<tf.Tensor> | AsyncIterable<tf.Tensor>,
): Promise<void> {
  const layers = model.layers.filter((layer) => layer instanceof BatchNorm);
  const momenta = layers.map(({ momentum }) => momentum);
  try {
    let seen = 0;
    for await (const images of batches) {
      // A mean of k + 1 values keeps k / (k + 1) of the mean of the first k.
      for (const layer of layers) layer.momentum = seen / (seen + 1);
      tf.tidy(() => void model.apply(images, { training: true }));
      seen += 1;
    }
  } finally {
    layers.forEach((layer, i) => {
      layer.momentum = momenta[i]!;
    });
  }
}
