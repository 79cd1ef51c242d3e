import type * as tf from '@tensorflow/tfjs';
import { AnalysisError } from '../analysis-error';
import { inputOf, outputOf, residualAdditions } from './graph';
import { outputMoments } from './moments';

/** How much a block changes what it is given. */
export interface ResidualRatio {
  /** The name of the block's addition layer. */
  block: string;
  /** ‖branch(x)‖ / ‖x‖ over all values: at 0 the block is its shortcut alone. */
  ratio: number;
}

/**
 * The norm of each residual branch over the norm of the block's input:
 * whether solvers "push the residual to zero" (§3.1) is read off directly.
 *
 * @param images Batches `[n, h, w, c]`, preprocessed as the model wants them; the caller disposes of them.
 * @throws AnalysisError for a network without additions.
 */
export async function residualRatios(
  model: tf.LayersModel,
  images: Iterable<tf.Tensor> | AsyncIterable<tf.Tensor>,
): Promise<ResidualRatio[]> {
  const blocks = residualAdditions(model);
  if (blocks.length === 0) {
    throw new AnalysisError(
      `residualRatios: the model must have additions, got '${model.name}' without. Pass a residual network.`,
    );
  }
  const outputs = blocks.flatMap((block) => [outputOf(block.branch), outputOf(inputOf(block))]);
  const moments = await outputMoments(model, outputs, images);
  return blocks.map(({ layer }, i) => ({
    block: layer.name,
    ratio: moments[2 * i]!.norm / moments[2 * i + 1]!.norm,
  }));
}
