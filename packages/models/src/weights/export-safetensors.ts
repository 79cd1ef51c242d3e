import { serializeSafetensors } from '@resnet/safetensors';
import type * as tf from '@tensorflow/tfjs';
import { modelWeights } from './model-weights';

/**
 * A model's weights as the bytes of a safetensors file with torchvision's names, which
 * `safetensors.torch.load_file` and `load_state_dict` take as they are.
 *
 * @param metadata Strings to keep with them; `format: 'pt'`, which PyTorch's loaders ask for, is added.
 */
export const exportSafetensors = async (
  model: tf.LayersModel,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> => serializeSafetensors(await modelWeights(model), { format: 'pt', ...metadata });
