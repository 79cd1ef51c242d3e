import type * as tf from '@tensorflow/tfjs';
import { AnalysisError } from '../analysis-error';
import { outputOf, responseLayers } from './graph';
import { outputMoments } from './moments';

/** How strongly one 3×3 layer responds. */
export interface LayerResponse {
  /** Name of the batch normalization behind the convolution. */
  layer: string;
  /** Standard deviation of the layer's output after batch normalization, before ReLU and addition. */
  std: number;
}

/**
 * Fig. 7: the standard deviation of each 3×3 layer's response, in the network's order.
 *
 * @param images Batches `[n, h, w, c]`, preprocessed as the model wants them; the caller disposes of them.
 * @throws AnalysisError for a network without such layers.
 */
export async function layerResponses(
  model: tf.LayersModel,
  images: Iterable<tf.Tensor> | AsyncIterable<tf.Tensor>,
): Promise<LayerResponse[]> {
  const layers = responseLayers(model);
  if (layers.length === 0) {
    throw new AnalysisError(
      `layerResponses: the model must have batch normalization after 3×3 convolutions, got '${model.name}' without. Pass a network of 3×3 layers.`,
    );
  }
  const moments = await outputMoments(model, layers.map(outputOf), images);
  return layers.map((layer, i) => ({ layer: layer.name, std: moments[i]!.std }));
}

/** The same responses from strongest to weakest, Fig. 7 (bottom). */
export const rankResponses = (responses: readonly LayerResponse[]): LayerResponse[] =>
  responses.toSorted((a, b) => b.std - a.std);
