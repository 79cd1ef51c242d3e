import { bytesPerElement, type SafeTensor, type TensorData, tensorElements } from '@resnet/safetensors';
import { WeightFileError } from '../errors';
import type { PickleValue } from '../pickle/value';
import { chooseStateDict, type ReadWeightsOptions } from './state-dict';
import type { Storage } from './storage';
import { contiguous, isRowMajor, TorchTensor } from './tensor';

/**
 * The tensors of a `state_dict`, alone or inside a checkpoint such as `{'state_dict': …, 'best_prec1': …}`.
 *
 * @param bytesOf The raw little-endian bytes of a storage.
 * @param fileBytes Tensors that do not lie row by row are copied, up to four times this much in all.
 */
export function tensorsOf(
  checkpoint: PickleValue,
  bytesOf: (storage: Storage) => Uint8Array,
  fileBytes: number,
  options: ReadWeightsOptions,
): Map<string, SafeTensor> {
  const data = new Map<Storage, TensorData>();
  const dataOf = (storage: Storage): TensorData => {
    const known = data.get(storage) ?? tensorElements(storage.dtype, bytesOf(storage));
    data.set(storage, known);
    return known;
  };

  const tensors = new Map<string, SafeTensor>();
  let copied = 0;
  for (const [name, tensor] of chooseStateDict(checkpoint, options)) {
    if (typeof name !== 'string' || !(tensor instanceof TorchTensor)) continue;
    if (!isRowMajor(tensor)) copied += tensor.count * bytesPerElement(tensor.storage.dtype);
    if (copied > 4 * fileBytes) {
      throw new WeightFileError(
        `readWeights: tensors must not take more memory than the file explains, got ${copied} bytes from ${fileBytes}. Save contiguous tensors.`,
      );
    }
    tensors.set(name, contiguous(tensor, dataOf(tensor.storage)));
  }
  return tensors;
}
