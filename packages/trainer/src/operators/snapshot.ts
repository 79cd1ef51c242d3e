import * as tf from '@tensorflow/tfjs';
import type { Optimizer } from '../optimizers/optimizer';
import { assignAll, weightsOf } from '../weights';

/** A tensor's contents, off the device: a copy on it might share memory with what is updated in place. */
interface HostTensor {
  readonly values: tf.TypedArray;
  readonly shape: number[];
  readonly dtype: tf.DataType;
}

/**
 * Remembers the weights of a model, statistics included, and the memory of an optimizer.
 *
 * @returns Puts both back, bit for bit.
 */
export async function snapshot(model: tf.LayersModel, optimizer: Optimizer): Promise<() => void> {
  const variables = weightsOf(model).map(({ variable }) => variable);
  const weights = await copyAll(variables);
  const { slots, numbers } = optimizer.state();
  const kept = await Promise.all(
    Object.entries(slots).map(async ([name, tensors]) => [name, await copyAll(tensors)] as const),
  );
  const counters = { ...numbers };
  return () =>
    tf.tidy(() => {
      assignAll(variables, weights.map(toTensor));
      optimizer.restore({
        slots: Object.fromEntries(kept.map(([name, tensors]) => [name, tensors.map(toTensor)])),
        numbers: counters,
      });
    });
}

const copyAll = (tensors: readonly tf.Tensor[]): Promise<HostTensor[]> =>
  Promise.all(
    tensors.map(async (tensor) => ({
      values: (await tensor.data()).slice(),
      shape: tensor.shape,
      dtype: tensor.dtype,
    })),
  );

const toTensor = ({ values, shape, dtype }: HostTensor): tf.Tensor => tf.tensor(values, shape, dtype);
