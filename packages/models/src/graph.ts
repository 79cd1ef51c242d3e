import type * as tf from '@tensorflow/tfjs';

/** The graph's tensors that a layer is fed, in order; none for an input layer. */
export const inputsOf = (layer: tf.layers.Layer): readonly tf.SymbolicTensor[] => {
  const node = layer.inboundNodes[0];
  return node && node.inboundLayers.length > 0 ? node.inputTensors : [];
};

/** The graph's tensor that a layer of one output makes. */
export const outputOf = (layer: tf.layers.Layer): tf.SymbolicTensor => layer.inboundNodes[0]!.outputTensors[0]!;

/**
 * Walks a model from its input to its output and gives every tensor of the graph a value: `visit` gets a layer and
 * the values of its inputs, and returns its output's. `model.layers` is sorted so that inputs come first.
 */
export function walk<T>(
  model: tf.LayersModel,
  visit: (layer: tf.layers.Layer, inputs: T[]) => T,
): (tensor: tf.SymbolicTensor) => T {
  const values = new Map<number, T>();
  const found = (tensor: tf.SymbolicTensor): T => {
    const value = values.get(tensor.id);
    if (value === undefined) throw new Error(`walk: ${tensor.name} must come before the layers that use it.`);
    return value;
  };
  for (const layer of model.layers) values.set(outputOf(layer).id, visit(layer, inputsOf(layer).map(found)));
  return found;
}
