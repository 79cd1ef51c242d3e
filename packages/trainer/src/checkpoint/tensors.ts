import type { SafeTensor } from '@resnet/safetensors';
import * as tf from '@tensorflow/tfjs';
import { CheckpointError } from '../errors';

/** Named tensors on their way into or out of a file. */
export type Named = readonly { readonly name: string; readonly tensor: tf.Tensor }[];

/** Reads tensors from the device. */
export async function toFile(tensors: Named): Promise<Map<string, SafeTensor>> {
  // All reads begin before the first is awaited, so that one step's values are read whatever happens meanwhile.
  const reads = tensors.map(({ tensor }) => tensor.data());
  const entries = tensors.map(async ({ name, tensor }, i) => [name, fileTensor(tensor, await reads[i]!)] as const);
  return new Map(await Promise.all(entries));
}

function fileTensor({ dtype, shape, name }: tf.Tensor & { name?: string }, data: tf.TypedArray): SafeTensor {
  if (data instanceof Float32Array) return { dtype: 'F32', shape, data };
  if (data instanceof Int32Array) return { dtype: 'I32', shape, data };
  if (dtype === 'bool') return { dtype: 'BOOL', shape, data: Uint8Array.from(data) };
  throw new CheckpointError(`train: a weight must be float32, int32 or bool to be saved, got ${dtype} for ${name}.`);
}

/** Makes the named tensors of a file, checked against the shapes wanted. New tensors, the caller's. */
export function fromFile(file: ReadonlyMap<string, SafeTensor>, wanted: Named): tf.Tensor[] {
  return tf.tidy(() => wanted.map(({ name, tensor }) => oneFromFile(file, name, tensor)));
}

function oneFromFile(file: ReadonlyMap<string, SafeTensor>, name: string, { shape, dtype }: tf.Tensor): tf.Tensor {
  const found = file.get(name);
  if (!found || `${found.shape}` !== `${shape}`) {
    throw new CheckpointError(
      `restore: the checkpoint must hold ${name} of shape [${shape}], got ${found ? `[${found.shape}]` : 'none'}. ` +
        'Build the model it was made with.',
    );
  }
  const { data } = found;
  if (data instanceof Float32Array || data instanceof Int32Array) return tf.tensor(data.slice(), shape, dtype);
  if (data instanceof Uint8Array) return tf.tensor(new Uint8Array(data), shape, 'bool');
  throw new CheckpointError(`restore: ${name} must be float32, int32 or bool, got ${found.dtype}.`);
}

/** The first tensor that holds a NaN or an infinity. */
export function notFinite(tensors: ReadonlyMap<string, SafeTensor>): string | null {
  for (const [name, { data }] of tensors) {
    if (data instanceof Float32Array && !data.every(Number.isFinite)) return name;
  }
  return null;
}
