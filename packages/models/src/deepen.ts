import { BatchNorm, type Initialization } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';
import { type Architecture, architectureOf, convolutions } from './architecture';
import { buildArchitecture } from './build';
import { ModelOptionError } from './model-error';

/**
 * The "solution by construction" (§1): a deeper model that computes what `model` computes, because its new blocks,
 * at the end of each stage, are identities. In residual nets their branches begin as zero; in plain nets their
 * convolutions copy. Outputs are equal in inference; the new blocks train like any others. Both models are the caller's.
 *
 * @param blocks How many blocks each stage gets, or one number for every stage.
 * @throws ModelOptionError where no identity can be built: plain bottlenecks (their inside is narrower than their
 *   input), and pre-activation nets without identity shortcuts.
 */
export function deepenModel(
  model: tf.LayersModel,
  blocks: number | readonly number[],
  initialization: Initialization = {},
): tf.LayersModel {
  const shallow = architectureOf(model);
  checkIdentity(shallow);
  const added = shallow.blocksPerStage.map((_, stage) => (typeof blocks === 'number' ? blocks : (blocks[stage] ?? 0)));
  if (added.some((count) => !Number.isInteger(count) || count < 0)) {
    throw new ModelOptionError(`deepenModel: blocks must be whole numbers from 0, got ${blocks}.`);
  }
  const blocksPerStage = shallow.blocksPerStage.map((count, stage) => count + added[stage]!);
  const deep = buildArchitecture({ ...shallow, blocksPerStage }, initialization);
  const known = new Map(model.layers.map((layer) => [layer.name, layer]));
  tf.tidy(() => {
    for (const layer of deep.layers) {
      const source = known.get(layer.name);
      if (source) copy(source, layer);
      else if (layer.weights.length > 0) makeIdentity(layer, shallow);
    }
  });
  return deep;
}

function checkIdentity({ block, shortcut }: Architecture): void {
  const plain = shortcut === 'none';
  if (block.startsWith('preact') ? plain || shortcut === 'C' : plain && block === 'bottleneck') {
    throw new ModelOptionError(
      `deepenModel: a ${block} block with shortcut ${shortcut} cannot be an identity. Use another block or shortcut.`,
    );
  }
}

function copy(from: tf.layers.Layer, to: tf.layers.Layer): void {
  to.setWeights(from.getWeights());
  to.trainable = from.trainable;
}

/** Gives a layer of a new block the weights that make its block an identity. */
function makeIdentity(layer: tf.layers.Layer, { block, shortcut }: Architecture): void {
  const part = layer.name.split('.').slice(2).join('.');
  const last = convolutions(block);
  if (block.startsWith('preact')) {
    if (part === `conv${last}`) fill(layer, 'kernel', tf.zerosLike);
  } else if (shortcut === 'none' || part.startsWith('downsample')) {
    if (layer instanceof BatchNorm) fill(layer, 'gamma', (gamma) => tf.fill(gamma.shape, Math.sqrt(1 + layer.epsilon)));
    else fill(layer, 'kernel', delta);
  } else if (part === `bn${last}`) {
    fill(layer, 'gamma', tf.zerosLike);
  }
}

function fill(layer: tf.layers.Layer, weight: string, value: (old: tf.Tensor) => tf.Tensor): void {
  for (const variable of layer.weights) {
    if (variable.originalName.endsWith(`/${weight}`)) variable.write(value(variable.read()));
  }
}

/** A kernel `[k, k, c, c]` whose convolution copies its input. */
function delta(kernel: tf.Tensor): tf.Tensor {
  const [size, , channels] = kernel.shape as [number, number, number, number];
  const before = (size - 1) / 2;
  const center = tf.reshape(tf.eye(channels), [1, 1, channels, channels]);
  return tf.pad(center, [
    [before, before],
    [before, before],
    [0, 0],
    [0, 0],
  ]);
}
