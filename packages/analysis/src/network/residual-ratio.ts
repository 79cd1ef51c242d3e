import type * as tf from '@tensorflow/tfjs';
import { additions, outputOf } from './graph';
import { outputMoments } from './moments';

/** How much a block changes what it is given. */
export interface ResidualRatio {
  /** The name of the block's addition layer. */
  block: string;
  /** ‖branch(x)‖ / ‖shortcut(x)‖ over all values: 0 is the identity. */
  ratio: number;
}

/**
 * The norm of each residual branch over the norm of what the shortcut carries past it:
 * whether solvers "push the residual to zero" (§3.1) is read off directly.
 *
 * @param images Batches `[n, h, w, c]`, preprocessed as the model wants them; the caller disposes of them.
 */
export async function residualRatios(
  model: tf.LayersModel,
  images: Iterable<tf.Tensor> | AsyncIterable<tf.Tensor>,
): Promise<ResidualRatio[]> {
  const blocks = additions(model);
  if (blocks.length === 0) {
    throw new RangeError(`residualRatios: model '${model.name}' has no addition. Pass a residual network.`);
  }
  const outputs = blocks.flatMap(({ branch, shortcut }) => [outputOf(branch), outputOf(shortcut)]);
  const moments = await outputMoments(model, outputs, images);
  return blocks.map(({ layer }, i) => ({
    block: layer.name,
    ratio: moments[2 * i]!.rootMeanSquare / moments[2 * i + 1]!.rootMeanSquare,
  }));
}
