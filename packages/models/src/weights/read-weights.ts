import { parseSafetensors, type SafeTensor } from '@resnet/safetensors';
import { WeightFileError } from './errors';
import { isArchive, readArchive } from './torch/archive';
import { isLegacy, readLegacy } from './torch/legacy';
import type { ReadWeightsOptions } from './torch/state-dict';

/** Tensors by name, in PyTorch's layout: convolutions `[out, in, height, width]`, dense layers `[out, in]`. */
export type NamedWeights = ReadonlyMap<string, SafeTensor>;

/**
 * Reads weights from a file's bytes, whose format it recognizes: safetensors, PyTorch's zip (`.pth`, `.pt`) or its
 * legacy format (`.th`, `.pth` before PyTorch 1.6). PyTorch's pickles go through an interpreter that knows tensors and
 * dicts: other objects become placeholders, and nothing that a file says is ever executed. The weights may lie anywhere in
 * a checkpoint.
 *
 * The tensors may be views of `bytes`: do not write to it afterwards.
 *
 * @throws WeightFileError (PickleError for what a pickle must not hold), or SafetensorsError, naming the value at fault.
 */
export function readWeights(bytes: Uint8Array, options: ReadWeightsOptions = {}): NamedWeights {
  if (isArchive(bytes)) return readArchive(bytes, options);
  if (isLegacy(bytes)) return readLegacy(bytes, options);
  if (bytes[8] === 0x7b) return readSafetensors(bytes, options);
  const start = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new WeightFileError(
    `readWeights: a file must be safetensors or of torch.save (.pth, .th), got ${bytes.byteLength} bytes that begin with "${start}". Convert it.`,
  );
}

function readSafetensors(bytes: Uint8Array, { key }: ReadWeightsOptions): NamedWeights {
  if (key === undefined) return parseSafetensors(bytes).tensors;
  throw new WeightFileError(
    `readWeights: key must be left out for safetensors, which hold one set of weights, got ${JSON.stringify(key)}.`,
  );
}
