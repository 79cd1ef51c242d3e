import { readBytes, type Trust, writeDurably } from '@resnet/files';
import type * as tf from '@tensorflow/tfjs';
import { exportSafetensors } from '../export-safetensors';
import { type NamedWeights, readWeights } from '../read-weights';
import type { ReadWeightsOptions } from '../torch/state-dict';

/**
 * Reads a weight file of any format that `readWeights` knows.
 *
 * @param options `links`: whether `path` may be a link, `follow` by default, `refuse` for a file in a stranger's folder; `key` as for
 *   `readWeights`.
 * @throws FileError of `@resnet/files` where it is no regular file, or cannot be read.
 */
export const readWeightsFile = async (
  path: string,
  { links = 'follow', ...options }: Trust & ReadWeightsOptions = {},
): Promise<NamedWeights> => readWeights(await readBytes(path, { who: 'readWeightsFile', links }), options);

/** Writes a model's weights as safetensors with torchvision's names; the file is replaced whole or not at all. */
export const saveWeights = async (
  model: tf.LayersModel,
  path: string,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> =>
  writeDurably(path, await exportSafetensors(model, metadata), { links: 'follow', who: 'saveWeights' });
