import * as tf from '@tensorflow/tfjs';
import { type Batch, partsOf, sizeOf } from './batch';
import { clipByGlobalNorm } from './clip';
import { TrainError } from './errors';
import { gradientsOf } from './gradients';
import type { Session } from './session';
import type { TrainOptions } from './train-options';

/**
 * One iteration: forward, backward, update.
 *
 * @returns `[loss, error]` of the batch before the update, still on the device; the caller's.
 */
export async function update(options: TrainOptions, session: Session, batch: Batch, rate: number): Promise<tf.Tensor> {
  const { model, optimizer, reduceGradients, clipNorm, labelSmoothing, microBatch = sizeOf(batch) } = options;
  const variables = session.trainable.map(({ variable }) => variable);
  const parts = partsOf(batch, microBatch, classesOf(model), labelSmoothing);
  const { measured, gradients } = gradientsOf(model, variables, parts);
  let reduced = gradients;
  try {
    if (reduceGradients) reduced = await reduceGradients(gradients);
    tf.tidy(() => optimizer.apply(variables, clipNorm ? clipByGlobalNorm(reduced, clipNorm) : reduced, rate));
    session.average?.update();
    return measured;
  } catch (error) {
    measured.dispose();
    throw error;
  } finally {
    tf.dispose([gradients, reduced]);
  }
}

function classesOf(model: tf.LayersModel): number {
  const classes = model.outputs[0]?.shape[1];
  if (model.outputs.length === 1 && typeof classes === 'number') return classes;
  throw new TrainError(
    `train: the model must have one output of shape [batch, classes], got [${model.outputs[0]?.shape}]. End it with a head.`,
  );
}
