import { Add, BatchNorm, type Conv2D, MaxPool, PadShortcut, ReLU } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';
import { folded } from './fold';
import { ModelOptionError } from './model-error';

/**
 * Adds a convolution as built-in layers, with padding of its own where TensorFlow's `same` would pad bottom and right only.
 * A normalization is folded into it.
 */
export function standardConvolution(layer: Conv2D, x: tf.SymbolicTensor, norm?: BatchNorm): tf.SymbolicTensor {
  const { name, filters, kernelSize, stride, padding } = layer;
  const same = stride === 1 && 2 * padding === kernelSize - 1;
  const input = same ? x : border(x, `${name}.pad`, padding);
  const shape = { filters, kernelSize, strides: stride, padding: same ? 'same' : 'valid' } as const;
  const conv = tf.layers.conv2d({ name, ...shape, useBias: norm !== undefined, ...unset });
  const y = applied(conv, input);
  tf.tidy(() => conv.setWeights(norm ? folded(layer, norm) : layer.getWeights()));
  return y;
}

// The weights are set right after, so nothing is drawn.
const unset = { kernelInitializer: 'zeros' } as const;

/** Adds any other layer in built-in form. */
export function standardLayer(layer: tf.layers.Layer, inputs: tf.SymbolicTensor[]): tf.SymbolicTensor {
  const { name } = layer;
  const x = inputs[0]!;
  if (layer instanceof ReLU) return applied(tf.layers.reLU({ name }), x);
  if (layer instanceof Add) return applied(tf.layers.add({ name }), inputs);
  if (layer instanceof PadShortcut) return padShortcut(layer, x);
  if (layer instanceof MaxPool) return maxPool(layer, x);
  if (layer instanceof BatchNorm) {
    const { momentum, epsilon } = layer;
    return withWeights(tf.layers.batchNormalization({ name, momentum, epsilon }), x, layer.getWeights());
  }
  return withWeights(copyOf(layer), inputs.length === 1 ? x : inputs, layer.getWeights());
}

const applied = (layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]): tf.SymbolicTensor =>
  layer.apply(x) as tf.SymbolicTensor;

function withWeights(
  layer: tf.layers.Layer,
  x: tf.SymbolicTensor | tf.SymbolicTensor[],
  weights: tf.Tensor[],
): tf.SymbolicTensor {
  const y = applied(layer, x);
  layer.setWeights(weights);
  return y;
}

/** Another layer of the same built-in class and configuration. */
function copyOf(layer: tf.layers.Layer): tf.layers.Layer {
  const built = layer.constructor as tf.serialization.SerializableConstructor<tf.layers.Layer>;
  return built.fromConfig(built, layer.getConfig());
}

const border = (x: tf.SymbolicTensor, name: string, padding: number): tf.SymbolicTensor =>
  padding === 0 ? x : applied(tf.layers.zeroPadding2d({ name, padding }), x);

/**
 * Option A without a layer of its own: average pooling of single pixels takes every `stride`-th one, and zero padding
 * that is told to look at "channels first" takes our width and channels for height and width.
 */
function padShortcut(
  { name, padding: { stride, before, after } }: PadShortcut,
  x: tf.SymbolicTensor,
): tf.SymbolicTensor {
  const kept =
    stride === 1 ? x : applied(tf.layers.averagePooling2d({ name: `${name}.pool`, poolSize: 1, strides: stride }), x);
  return applied(
    tf.layers.zeroPadding2d({
      name,
      dataFormat: 'channelsFirst',
      padding: [
        [0, 0],
        [before, after],
      ],
    }),
    kept,
  );
}

/** A border of zeros never wins over what a ReLU lets through, which is all that our nets pool. */
function maxPool({ name, poolSize, stride, padding }: MaxPool, x: tf.SymbolicTensor): tf.SymbolicTensor {
  if (padding > 0 && !(x.sourceLayer.getClassName() === 'ReLU')) {
    throw new ModelOptionError(
      `toStandardLayers: ${name} must follow a ReLU to be padded with zeros, got ${x.sourceLayer.name}.`,
    );
  }
  return applied(tf.layers.maxPooling2d({ name, poolSize, strides: stride }), border(x, `${name}.pad`, padding));
}
