import type * as tf from '@tensorflow/tfjs';

const parts: Readonly<Record<string, string>> = {
  kernel: 'weight',
  gamma: 'weight',
  beta: 'bias',
  bias: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/** Every variable of a model by PyTorch's name: `layer1.0.bn1.running_mean`. They stay the model's. */
export function torchVariables(model: tf.LayersModel): Map<string, tf.LayerVariable> {
  const variables = new Map<string, tf.LayerVariable>();
  for (const layer of model.layers) {
    for (const variable of layer.weights) {
      const part = variable.originalName.split('/').at(-1)!;
      variables.set(`${layer.name}.${parts[part] ?? part}`, variable);
    }
  }
  return variables;
}
