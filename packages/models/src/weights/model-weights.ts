import type { SafeTensor } from '@resnet/safetensors';
import type * as tf from '@tensorflow/tfjs';
import { torchLayout, torchShape } from './layout';
import type { NamedWeights } from './read-weights';

/** One weight of a model. */
export interface ModelWeight {
  /** torchvision's name: the layer's name and `weight`, `bias`, `running_mean` or `running_var`. */
  name: string;
  variable: tf.LayerVariable;
}

/** What PyTorch calls our variables. */
const roles: Readonly<Record<string, string>> = {
  kernel: 'weight',
  bias: 'bias',
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/** Every weight of a model in the order of its layers, batch-normalization statistics included. */
export const weightsOf = (model: tf.LayersModel): ModelWeight[] =>
  model.layers.flatMap((layer) =>
    layer.weights.map((variable) => {
      const role = variable.originalName.split('/').at(-1) ?? '';
      return { name: `${layer.name}.${roles[role] ?? role}`, variable };
    }),
  );

/**
 * A model's weights under torchvision's names and in PyTorch's layout, ready for `serialize`. Copies: they do not
 * change as training goes on.
 */
export async function modelWeights(model: tf.LayersModel): Promise<NamedWeights> {
  const named = weightsOf(model).map(async ({ name, variable }): Promise<[string, SafeTensor]> => {
    const value = variable.read();
    const data = torchLayout(Float32Array.from(await value.data()), value.shape);
    return [name, { dtype: 'F32', shape: torchShape(value.shape), data }];
  });
  return new Map(await Promise.all(named));
}
