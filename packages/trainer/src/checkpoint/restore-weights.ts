import * as tf from '@tensorflow/tfjs';
import { assignAll, weightsOf } from '../weights';
import type { CheckpointContents } from './contents';
import { fromFile } from './tensors';

/**
 * Puts the weights of a checkpoint into a model: the averages if the run kept them, which are what it measured.
 *
 * @throws CheckpointError if the model isn't the one the checkpoint was made with; it is left as it was.
 */
export function restoreWeights(model: tf.LayersModel, { tensors }: CheckpointContents): void {
  const weights = weightsOf(model);
  const averaged = [...tensors.keys()].some((name) => name.startsWith('average/'));
  const wanted = weights.map(({ name, variable }) => ({
    name: `${averaged ? 'average' : 'model'}/${name}`,
    tensor: variable,
  }));
  tf.tidy(() => {
    assignAll(
      weights.map(({ variable }) => variable),
      fromFile(tensors, wanted),
    );
  });
}
