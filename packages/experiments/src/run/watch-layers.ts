import type { Dataset } from '@resnet/data';
import type { LayerMeasure } from '@resnet/trainer';
import type * as tf from '@tensorflow/tfjs';
import type { Preprocessing } from '../evaluation/single-view';

/** Images that layers are measured on: enough for their statistics, few enough to cost less than a step. */
const IMAGES = 16;

/** Measures layers of a network. */
export interface LayersWatch {
  /** The norm of each convolution's gradient, and the response of each 3×3 layer (Fig. 7), on the same images at every call. */
  measure(): Promise<LayerMeasure[]>;
  /** Frees the images. */
  dispose(): void;
}

/** Watches the layers of a network on a few training images without augmentation; the network stays as it is. */
export async function watchLayers(
  model: tf.LayersModel,
  train: Dataset,
  preprocessing: Preprocessing,
): Promise<LayersWatch> {
  // Loaded here, so that a run that does not watch does not wait for plots.
  const [{ gradientNorms, layerResponses }, { sampleFrom }] = await Promise.all([
    import('@resnet/analysis'),
    import('../findings/sample'),
  ]);
  const { images, labels } = await sampleFrom(train, preprocessing, IMAGES);
  return {
    async measure() {
      const gradients = await gradientNorms(model, images, labels);
      const responses = await layerResponses(model, [images]);
      return gradients.map(({ layer, gradientNorm }): LayerMeasure => {
        const response = responses.find((one) => one.layer === normalizationOf(layer))?.std;
        return { layer, gradientNorm, ...(response !== undefined && { response }) };
      });
    },
    dispose: () => images.dispose(),
  };
}

/** `layer1.0.conv2` is normalized by `layer1.0.bn2`. */
const normalizationOf = (layer: string): string => layer.replace(/conv(\d*)$/, 'bn$1');
