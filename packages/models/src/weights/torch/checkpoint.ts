import { bytesPerElement, type SafeTensor, type TensorData, tensorElements } from '@resnet/safetensors';
import { WeightFileError } from '../errors';
import type { Global, PickleValue } from '../pickle/value';
import { type Storage, storageTypes } from './storage';
import { builders, contiguous, isRowMajor, TorchTensor } from './tensor';

/** The only names that a file of weights may mention. */
export const globals: ReadonlyMap<string, Global> = new Map(
  [...storageTypes, ...builders].map((global) => [global.name, global]),
);

/** Where training scripts put the state_dict when they save more than it. */
const wrappers = ['state_dict', 'model_state_dict', 'model'];

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
): Map<string, SafeTensor> {
  const data = new Map<Storage, TensorData>();
  const dataOf = (storage: Storage): TensorData => {
    const known = data.get(storage) ?? tensorElements(storage.dtype, bytesOf(storage));
    data.set(storage, known);
    return known;
  };

  const tensors = new Map<string, SafeTensor>();
  let copied = 0;
  for (const [name, tensor] of stateDict(checkpoint)) {
    if (typeof name !== 'string' || !(tensor instanceof TorchTensor)) continue;
    if (!isRowMajor(tensor)) copied += tensor.count * bytesPerElement(tensor.storage.dtype);
    if (copied > 4 * fileBytes) {
      throw new WeightFileError(
        `readWeights: tensors must not take more memory than the file explains, got ${copied} bytes from ${fileBytes}. Save contiguous tensors.`,
      );
    }
    tensors.set(name, contiguous(tensor, dataOf(tensor.storage)));
  }
  if (tensors.size > 0) return tensors;
  throw new WeightFileError(
    "readWeights: the file must have a state_dict of tensors, got none. Save model.state_dict(), alone or as {'state_dict': …}.",
  );
}

function stateDict(checkpoint: PickleValue): ReadonlyMap<PickleValue, PickleValue> {
  if (!(checkpoint instanceof Map)) return new Map();
  const inner = wrappers.map((name) => checkpoint.get(name)).find((value) => value instanceof Map);
  return inner ?? checkpoint;
}
