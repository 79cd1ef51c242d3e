import * as tf from '@tensorflow/tfjs';
import { AnalysisError } from '../analysis-error';
import { mapBetweenLayers } from './between';
import { dependsOn, residualAdditions } from './graph';
import { type JacobianSummary, jacobian, type SampleMap, summarizeJacobian } from './jacobian';

/** A block whose shortcut is the identity: `x ↦ x + branch(x)`, measured at its addition, before the ReLU. */
export interface IdentityBlock {
  /** The name of the addition layer. */
  name: string;
  /** The layer whose output is `x`. */
  input: tf.layers.Layer;
  /** The layer whose output is `x + branch(x)`. */
  addition: tf.layers.Layer;
  /** From `x` to `x + branch(x)`, in evaluation mode. The result is the caller's. */
  map: SampleMap;
}

/** The blocks of a residual network that carry their input unchanged past their branch, in order. */
export const identityBlocks = (model: tf.LayersModel): IdentityBlock[] =>
  residualAdditions(model)
    .filter(({ branch, shortcut }) => dependsOn(branch, shortcut))
    .map(({ layer, shortcut }) => ({
      name: layer.name,
      input: shortcut,
      addition: layer,
      map: mapBetweenLayers(shortcut, layer),
    }));

/** The same, for measurements of which there must be one. */
export function someIdentityBlocks(who: string, model: tf.LayersModel): IdentityBlock[] {
  const blocks = identityBlocks(model);
  if (blocks.length > 0) return blocks;
  throw new AnalysisError(
    `${who}: the model must have a block with an identity shortcut, got '${model.name}' without. Pass a residual network with shortcut A or B.`,
  );
}

/** The Jacobian of one block, summed up. */
export interface BlockJacobian extends JacobianSummary {
  /** Name of the block's addition layer. */
  block: string;
  /** Numbers in the patch: the Jacobian is a matrix of that many rows and columns. */
  size: number;
}

/**
 * The Jacobian of every identity block against the identity.
 *
 * A whole feature map has thousands of numbers and so a matrix of millions; the block is therefore measured on the
 * center of its real input, as many pixels as give at most `limit` numbers, with the block's own padding around them.
 *
 * @param image One image, `[1, h, w, c]`; the caller disposes of it.
 * @throws AnalysisError for a network without identity blocks, and for more than one image.
 */
export async function blockJacobians(model: tf.LayersModel, image: tf.Tensor, limit = 256): Promise<BlockJacobian[]> {
  const start = model.layers[0]!;
  const jacobians: BlockJacobian[] = [];
  for (const { name, input, map } of someIdentityBlocks('blockJacobians', model)) {
    const patch = tf.tidy(() => center(mapBetweenLayers(start, input)(image) as tf.Tensor4D, limit));
    const summary = summarizeJacobian(await jacobian(map, patch));
    const { size } = patch;
    patch.dispose();
    jacobians.push({ block: name, size, ...summary });
  }
  return jacobians;
}

function center(x: tf.Tensor4D, limit: number): tf.Tensor4D {
  const [, height, width, channels] = x.shape;
  const side = Math.max(1, Math.min(height, width, Math.floor(Math.sqrt(limit / channels))));
  const at = (length: number) => Math.floor((length - side) / 2);
  return tf.slice(x, [0, at(height), at(width), 0], [1, side, side, channels]);
}
