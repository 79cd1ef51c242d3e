import { toFloat32 } from '@resnet/safetensors';
import type * as tf from '@tensorflow/tfjs';
import { inputsOf, outputOf, walk } from '../graph';
import { modelWeights } from '../weights/model-weights';
import { layerNodes, OnnxError } from './layer-nodes';
import { encodeFile, type OnnxNode, type OnnxTensor, type OnnxValue } from './messages';

/** What goes into the file beside the network. */
export interface OnnxOptions {
  /** Strings to keep with it, such as class names and how images are to be normalized. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * A model as the bytes of an ONNX file (operator set 13) for inference: `images`, float32 `[batch, channels, height, width]` as
 * in PyTorch, not channels last as here, to `logits`, `[batch, classes]`. Weights have torchvision's names.
 *
 * @param model Of the zoo, or built of `@resnet/blocks` with one input of images and one output of scores.
 * @throws OnnxError for a layer ONNX cannot be told.
 */
export async function toOnnx(model: tf.LayersModel, { metadata = {} }: OnnxOptions = {}): Promise<Uint8Array> {
  const { images, logits } = interfaceOf(model);
  const nodes: OnnxNode[] = [];
  const constants: OnnxTensor[] = [];
  walk<string>(model, (layer, inputs) => {
    if (inputsOf(layer).length === 0) return images.name;
    const output = outputOf(layer) === model.outputs[0] ? logits.name : layer.name;
    const made = layerNodes(layer, inputs, output);
    nodes.push(...made.nodes);
    constants.push(...(made.tensors ?? []));
    return output;
  });
  const weights = [...(await modelWeights(model))].map(
    ([name, weight]): OnnxTensor => ({ name, shape: weight.shape, data: toFloat32(weight) }),
  );
  return encodeFile({
    name: model.name,
    nodes,
    tensors: [...weights, ...constants],
    inputs: [images],
    outputs: [logits],
    metadata,
  });
}

/** What goes in and comes out. */
function interfaceOf(model: tf.LayersModel): { images: OnnxValue; logits: OnnxValue } {
  const [input, output] = [model.inputs[0]?.shape ?? [], model.outputs[0]?.shape ?? []];
  const [, height, width, channels] = input;
  const classes = output[1];
  const isOne = model.inputs.length === 1 && model.outputs.length === 1;
  if (!isOne || input.length !== 4 || output.length !== 2 || channels == null || classes == null) {
    throw new OnnxError(
      `toOnnx: the model must map images [batch, height, width, channels] to scores [batch, classes], got [${input}] to ` +
        `[${output}]. Build it of one input and a head.`,
    );
  }
  return {
    images: { name: 'images', shape: ['batch', channels, height ?? 'height', width ?? 'width'] },
    logits: { name: 'logits', shape: ['batch', classes] },
  };
}
