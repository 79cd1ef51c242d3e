import { BatchNorm, Conv2D } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';
import type { Norms } from './fold';
import { inputsOf, outputOf, walk } from './graph';
import { standardConvolution, standardLayer } from './standard-layers';

/** How a standard model is made. */
export interface StandardOptions {
  /** Multiply each batch normalization into the convolution before it: fewer layers, inference only. */
  fold?: boolean;
}

/**
 * The same function from built-in tf.layers only, so that it loads anywhere without this project. Agrees to float32
 * rounding. The new model is the caller's and shares no variable with `model`.
 */
export function toStandardLayers(model: tf.LayersModel, { fold = false }: StandardOptions = {}): tf.LayersModel {
  const norms: Norms = fold ? foldableNorms(model) : new Map();
  const gone = new Set<tf.layers.Layer>(norms.values());
  const inputs: tf.SymbolicTensor[] = [];
  const standardOf = walk<tf.SymbolicTensor>(model, (layer, [x, ...more]) => {
    if (!x) {
      const input = tf.input({ batchShape: outputOf(layer).shape, name: layer.name });
      inputs.push(input);
      return input;
    }
    if (gone.has(layer)) return x;
    if (layer instanceof Conv2D) return standardConvolution(layer, x, norms.get(layer));
    return standardLayer(layer, [x, ...more]);
  });
  return tf.model({ inputs, outputs: model.outputs.map(standardOf), name: model.name });
}

/** Normalizations of a convolution's output that nothing else looks at. */
function foldableNorms(model: tf.LayersModel): Norms {
  const uses = new Map<string, number>();
  for (const tensor of [...model.layers.flatMap(inputsOf), ...model.outputs])
    uses.set(tensor.name, (uses.get(tensor.name) ?? 0) + 1);
  const norms: Norms = new Map();
  for (const layer of model.layers) {
    const input = inputsOf(layer)[0];
    if (layer instanceof BatchNorm && input?.sourceLayer instanceof Conv2D && uses.get(input.name) === 1)
      norms.set(input.sourceLayer, layer);
  }
  return norms;
}
