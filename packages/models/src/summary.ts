import type * as tf from '@tensorflow/tfjs';
import { inputsOf, walk } from './graph';
import { ModelOptionError } from './model-error';

/** A shape without its batch axis. */
export type InputShape = readonly (number | null)[];

/** What one layer is and costs, for one image. */
export interface LayerSummary {
  /** As in `model.getLayer(name)`. */
  name: string;
  /** The layer's class: `ResNetConv2D`, `Dense`, … */
  type: string;
  /** `[height, width, channels]`, or `[channels]` after global pooling. */
  outputShape: InputShape;
  /** Trainable numbers: running statistics are not. */
  parameters: number;
  /** Multiplications that are added up, in convolutions and fully connected layers: the paper's FLOPs. */
  multiplyAdds: number;
  /** Bytes of the output as float32. */
  activationBytes: number;
}

/** What a model is and costs, for one image. */
export interface ModelSummary {
  /** `[height, width, channels]` that the costs are for. */
  inputShape: InputShape;
  /** Trainable numbers of all layers. */
  parameters: number;
  /** Of all layers: the paper's FLOPs (Table 1). */
  multiplyAdds: number;
  /** Bytes of all layers' outputs as float32. */
  activationBytes: number;
  /** Inputs before what uses them; input layers are left out. */
  layers: LayerSummary[];
}

/**
 * Counts a model's layers, without running it.
 *
 * @param options.inputShape `[height, width, channels]`, for a model that takes images of any size.
 * @throws ModelOptionError where the size is not known.
 */
export function summarizeModel(model: tf.LayersModel, options: { inputShape?: InputShape } = {}): ModelSummary {
  const inputShape = options.inputShape ?? model.inputs[0]!.shape.slice(1);
  if (inputShape.some((size) => size === null)) {
    throw new ModelOptionError(
      `summarizeModel: all sizes must be known, got [${inputShape}]. Give inputShape, such as [224, 224, 3].`,
    );
  }
  const layers: LayerSummary[] = [];
  walk<(number | null)[]>(model, (layer, inputs) => {
    if (inputsOf(layer).length === 0) return [1, ...inputShape];
    const shape = layer.computeOutputShape(inputs.length === 1 ? inputs[0]! : inputs) as (number | null)[];
    layers.push(summarize(layer, shape));
    return shape;
  });
  const total = (key: 'parameters' | 'multiplyAdds' | 'activationBytes') =>
    layers.reduce((sum, layer) => sum + layer[key], 0);
  return {
    inputShape,
    parameters: total('parameters'),
    multiplyAdds: total('multiplyAdds'),
    activationBytes: total('activationBytes'),
    layers,
  };
}

const product = (sizes: readonly (number | null)[]): number =>
  sizes.reduce<number>((all, size) => all * (size ?? 1), 1);

function summarize(layer: tf.layers.Layer, shape: InputShape): LayerSummary {
  return {
    name: layer.name,
    type: layer.getClassName(),
    outputShape: shape.slice(1),
    parameters: layer.trainableWeights.reduce((sum, weight) => sum + product(weight.shape), 0),
    multiplyAdds: multiplyAdds(layer, shape),
    activationBytes: 4 * product(shape),
  };
}

/** Every number of a kernel is used once a pixel of the output. */
function multiplyAdds(layer: tf.layers.Layer, shape: InputShape): number {
  const kernel = layer.weights.find(({ originalName }) => originalName.endsWith('/kernel'));
  return kernel ? product(kernel.shape) * product(shape.slice(1, -1)) : 0;
}
