import type * as tf from '@tensorflow/tfjs';

/** The layers feeding `layer`, in the order of its inputs. */
export const inbound = (layer: tf.layers.Layer): tf.layers.Layer[] => {
  const [node] = layer.inboundNodes;
  return node ? node.inboundLayers : [];
};

/** The one output of `layer`, symbolically. */
export function outputOf(layer: tf.layers.Layer): tf.SymbolicTensor {
  const { output } = layer;
  if (Array.isArray(output)) throw new RangeError(`analysis: layer '${layer.name}' must have one output.`);
  return output;
}

const isNormalisation = (layer: tf.layers.Layer): boolean => layer.getClassName().includes('BatchNorm');

/** Height and width of a layer's kernel; nothing for one without. Layers tell it as one number or as two. */
const kernelSize = (layer: tf.layers.Layer): readonly number[] => {
  const size: unknown = layer.getConfig().kernelSize;
  if (typeof size === 'number') return [size, size];
  return Array.isArray(size) ? size : [];
};

/**
 * The batch normalisations that follow a 3×3 convolution, in order: where Fig. 7 measures,
 * before the nonlinearity and before the addition.
 */
export const responseLayers = (model: tf.LayersModel): tf.layers.Layer[] =>
  model.layers.filter(
    (layer) =>
      isNormalisation(layer) &&
      kernelSize(inbound(layer)[0]!).every((k) => k === 3) &&
      isConvolution(inbound(layer)[0]!),
  );

/** Whether a layer convolves: it has a kernel of two spatial dimensions. */
export const isConvolution = (layer: tf.layers.Layer): boolean => kernelSize(layer).length === 2;

/** A residual block's addition with the layers that give its two summands. */
export interface Addition {
  layer: tf.layers.Layer;
  branch: tf.layers.Layer;
  shortcut: tf.layers.Layer;
}

/** Every `branch(x) + shortcut(x)` of a residual network, in order. */
export const additions = (model: tf.LayersModel): Addition[] =>
  model.layers
    .filter((layer) => layer.getClassName().endsWith('Add'))
    .flatMap((layer) => {
      const [branch, shortcut] = inbound(layer);
      return branch && shortcut ? [{ layer, branch, shortcut }] : [];
    });
