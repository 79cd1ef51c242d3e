import { parseSafetensors, type SafeTensor } from '@resnet/safetensors';
import { WeightFileError } from './errors';
import { isArchive, readArchive } from './torch/archive';
import { isLegacy, readLegacy } from './torch/legacy';

/** Tensors by name, in PyTorch's layout: convolutions `[out, in, height, width]`, dense layers `[out, in]`. */
export type NamedWeights = ReadonlyMap<string, SafeTensor>;

/**
 * Reads weights from a file's bytes, whose format it recognizes: safetensors, PyTorch's zip (`.pth`, `.pt`) or its
 * legacy format (`.th`, `.pth` before PyTorch 1.6). PyTorch's pickles go through an interpreter that knows tensors and
 * nothing else, so nothing that a file says is ever executed.
 *
 * The tensors may be views of `bytes`: do not write to it afterwards.
 *
 * @throws WeightFileError (PickleError for what a pickle must not hold), or SafetensorsError, naming the value at fault.
 */
export function readWeights(bytes: Uint8Array): NamedWeights {
  if (isArchive(bytes)) return readArchive(bytes);
  if (isLegacy(bytes)) return readLegacy(bytes);
  if (bytes[8] === 0x7b) return parseSafetensors(bytes).tensors;
  const start = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new WeightFileError(
    `readWeights: a file must be safetensors or of torch.save (.pth, .th), got ${bytes.byteLength} bytes that begin with "${start}". Convert it.`,
  );
}
