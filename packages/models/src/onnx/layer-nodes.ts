import { Add, BatchNorm, Conv2D, MaxPool, PadShortcut, ReLU } from '@resnet/blocks';
import type * as tf from '@tensorflow/tfjs';
import type { OnnxNode, OnnxTensor } from './messages';

/** A model holds a layer that cannot be told to ONNX. */
export class OnnxError extends TypeError {
  /** `OnnxError`, in minified code too. */
  override name = 'OnnxError';
}

/** What a layer becomes: nodes, of which the last makes the layer's output, and constants other than weights. */
export interface LayerNodes {
  readonly nodes: readonly OnnxNode[];
  readonly tensors?: readonly OnnxTensor[];
}

/**
 * One layer on channels-first images, from values named `inputs` to one named `output`. Weights go by their names in PyTorch:
 * `<layer>.weight` and so on.
 */
export function layerNodes(layer: tf.layers.Layer, inputs: readonly string[], output: string): LayerNodes {
  const node = (op: string, attributes: OnnxNode['attributes'] = {}, weights: readonly string[] = []): LayerNodes => ({
    nodes: [
      { name: output, op, inputs: [...inputs, ...weights.map((weight) => `${layer.name}.${weight}`)], attributes },
    ],
  });
  if (layer instanceof Conv2D) return node('Conv', windowed(layer.kernelSize, layer), ['weight']);
  if (layer instanceof BatchNorm) {
    return node('BatchNormalization', { epsilon: { float: layer.epsilon } }, normWeights);
  }
  if (layer instanceof ReLU) return node('Relu');
  if (layer instanceof Add) return node('Add');
  if (layer instanceof MaxPool) return node('MaxPool', windowed(layer.poolSize, layer));
  if (layer instanceof PadShortcut) return padShortcut(layer, inputs[0]!, output);
  if (layer.getClassName() === 'GlobalAveragePooling2D') return globalAveragePool(inputs[0]!, output);
  if (isLinear(layer)) return node('Gemm', { transB: 1 }, ['weight', 'bias']);
  throw new OnnxError(
    `toOnnx: every layer must be one of @resnet/blocks, global average pooling or a linear dense layer, got ${layer.name}, ` +
      `a ${layer.getClassName()}. Rebuild the model from these.`,
  );
}

const normWeights = ['weight', 'bias', 'running_mean', 'running_var'];

/** A square window, padded alike on all sides. */
const windowed = (size: number, { stride, padding }: { stride: number; padding: number }) => ({
  kernel_shape: [size, size],
  strides: [stride, stride],
  pads: [padding, padding, padding, padding],
});

/** ONNX keeps the pooled axes, with size 1; ours are gone. */
const globalAveragePool = (input: string, output: string): LayerNodes => ({
  nodes: [
    { name: `${output}.mean`, op: 'GlobalAveragePool', inputs: [input] },
    { name: output, op: 'Flatten', inputs: [`${output}.mean`] },
  ],
});

/** Option A: every `stride`-th pixel, then zero channels. */
function padShortcut({ padding: { stride, before, after } }: PadShortcut, input: string, output: string): LayerNodes {
  const constant = (what: string, ...values: number[]): OnnxTensor => ({
    name: `${output}.${what}`,
    shape: [values.length],
    data: BigInt64Array.from(values, BigInt),
  });
  const everything = Number.MAX_SAFE_INTEGER;
  const slice = [
    constant('starts', 0, 0),
    constant('ends', everything, everything),
    constant('axes', 2, 3),
    constant('steps', stride, stride),
  ];
  const pads = constant('pads', 0, before, 0, 0, 0, after, 0, 0);
  return {
    nodes: [
      { name: `${output}.slice`, op: 'Slice', inputs: [input, ...slice.map((tensor) => tensor.name)] },
      { name: output, op: 'Pad', inputs: [`${output}.slice`, pads.name] },
    ],
    tensors: [...slice, pads],
  };
}

function isLinear(layer: tf.layers.Layer): boolean {
  const { activation, useBias } = layer.getConfig();
  return layer.getClassName() === 'Dense' && activation === 'linear' && useBias === true;
}
