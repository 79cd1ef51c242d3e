import * as tf from '@tensorflow/tfjs';
import { AnalysisError } from '../analysis-error';
import { inbound } from './graph';
import type { SampleMap } from './jacobian';

/**
 * What a network does from one layer's output to another's, in evaluation mode, as a map of tensors.
 *
 * @param from The layer whose output is given.
 * @param to A layer that depends on nothing else: every path into it passes `from`.
 * @returns A map that throws AnalysisError where a path passes `from` by.
 */
export const mapBetweenLayers =
  (from: tf.layers.Layer, to: tf.layers.Layer): SampleMap =>
  (x) =>
    tf.tidy(() => {
      const known = new Map<tf.layers.Layer, tf.Tensor>([[from, x]]);
      const outputOf = (layer: tf.layers.Layer): tf.Tensor => {
        const value = known.get(layer) ?? run(layer, inbound(layer).map(outputOf));
        known.set(layer, value);
        return value;
      };
      return outputOf(to);
    });

function run(layer: tf.layers.Layer, inputs: tf.Tensor[]): tf.Tensor {
  if (inputs.length === 0) {
    throw new AnalysisError(
      `mapBetweenLayers: every path must start at the given layer, got one that starts at '${layer.name}'. Begin at an earlier layer.`,
    );
  }
  const output = layer.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: false });
  return (Array.isArray(output) ? output[0]! : output) as tf.Tensor;
}
