import { readFile } from 'node:fs/promises';
import type * as tf from '@tensorflow/tfjs';
import { exportSafetensors } from '../export-safetensors';
import { type NamedWeights, readWeights } from '../read-weights';
import { writeFileWhole } from './write-file';

/** Reads a weight file of any format that `readWeights` knows. */
export const readWeightsFile = async (path: string): Promise<NamedWeights> =>
  // Node does not always say which file it could not read: of a folder, say.
  readWeights(
    await readFile(path).catch((error) => {
      throw Object.assign(error, { path });
    }),
  );

/** Writes a model's weights as safetensors with torchvision's names; the file is replaced whole or not at all. */
export const saveWeights = async (
  model: tf.LayersModel,
  path: string,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> => writeFileWhole(path, await exportSafetensors(model, metadata));
