import type * as tf from '@tensorflow/tfjs';
import { AnalysisError } from '../analysis-error';

/** The layers feeding `layer`, in the order of its inputs. */
export const inbound = (layer: tf.layers.Layer): tf.layers.Layer[] => {
  const [node] = layer.inboundNodes;
  return node ? node.inboundLayers : [];
};

/** Whether the output of `ancestor` takes part in that of `layer`. */
export function dependsOn(layer: tf.layers.Layer, ancestor: tf.layers.Layer): boolean {
  const seen = new Set<tf.layers.Layer>();
  const reaches = (current: tf.layers.Layer): boolean => {
    if (current === ancestor) return true;
    if (seen.has(current)) return false;
    seen.add(current);
    return inbound(current).some(reaches);
  };
  return reaches(layer);
}

/** The one output of `layer`, symbolically. */
export function outputOf(layer: tf.layers.Layer): tf.SymbolicTensor {
  const { output } = layer;
  if (Array.isArray(output)) {
    throw new AnalysisError(
      `analysis: layer '${layer.name}' must have one output, got ${output.length}. Use a layer once in a network.`,
    );
  }
  return output;
}

const isNormalization = (layer: tf.layers.Layer): boolean => layer.getClassName().includes('BatchNorm');

/** Height and width of a layer's kernel; nothing for one without. Layers tell it as one number or as two. */
const kernelSize = (layer: tf.layers.Layer): readonly number[] => {
  const size: unknown = layer.getConfig().kernelSize;
  if (typeof size === 'number') return [size, size];
  return Array.isArray(size) ? size : [];
};

/**
 * The batch normalizations that follow a 3×3 convolution, in order: where Fig. 7 measures,
 * before the nonlinearity and before the addition.
 */
export const responseLayers = (model: tf.LayersModel): tf.layers.Layer[] =>
  model.layers.filter(
    (layer) =>
      isNormalization(layer) &&
      kernelSize(inbound(layer)[0]!).every((k) => k === 3) &&
      isConvolution(inbound(layer)[0]!),
  );

/** Whether a layer convolves: it has a kernel of two spatial dimensions. */
export const isConvolution = (layer: tf.layers.Layer): boolean => kernelSize(layer).length === 2;

/** A residual block's addition with the layers that give its two summands. */
export interface ResidualAddition {
  /** Adds branch and shortcut. */
  layer: tf.layers.Layer;
  /** Gives F(x), the residual (Eqn. 1). */
  branch: tf.layers.Layer;
  /** Gives x or what is made of it; with an identity, the layer before the block. */
  shortcut: tf.layers.Layer;
}

/** Every `branch(x) + shortcut(x)` of a residual network, in order; an identity is the shortcut, whichever summand it is. */
export const residualAdditions = (model: tf.LayersModel): ResidualAddition[] =>
  model.layers
    .filter((layer) => layer.getClassName().endsWith('Add'))
    .flatMap((layer) => {
      const [first, second] = inbound(layer);
      if (!first || !second) return [];
      return dependsOn(second, first)
        ? [{ layer, branch: second, shortcut: first }]
        : [{ layer, branch: first, shortcut: second }];
    });

/** The layer that gives a block its `x`, from which branch and shortcut both start. */
export function inputOf({ branch, shortcut }: ResidualAddition): tf.layers.Layer {
  for (let layer: tf.layers.Layer | undefined = shortcut; layer; [layer] = inbound(layer)) {
    if (dependsOn(branch, layer)) return layer;
  }
  return shortcut;
}
