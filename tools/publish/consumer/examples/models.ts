import { join } from 'node:path';
import { createModel, summarizeModel } from '@resnet/models';
import { readWeightsFile, saveWeights } from '@resnet/models/node';

/** Counts the parameters of ResNet-20 (the paper has 0.27 M) and saves them. */
export const example = async (folder: string) => {
  const model = createModel('resnet20', { seed: 1 });
  await saveWeights(model, join(folder, 'resnet20.safetensors'));
  const weights = await readWeightsFile(join(folder, 'resnet20.safetensors'));
  return [summarizeModel(model).parameters, weights.get('conv1.weight')?.shape];
};
