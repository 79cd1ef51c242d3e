import { readFileSync } from 'node:fs';
import { parseSafetensors } from '@resnet/safetensors';
import * as tf from '@tensorflow/tfjs';

/** Values recorded from PyTorch. */
export interface Golden {
  metadata: Readonly<Record<string, string>>;
  /** Every tensor's name: `init.conv1.weight`, `x`, `grad.bn1.bias`, … */
  names: readonly string[];
  /** A tensor in TensorFlow's layout: images NHWC, kernels HWIO, fully connected `[in, out]`. The caller owns it. */
  tensor(name: string): tf.Tensor;
}

const folder = new URL('../golden/', import.meta.url);

/** The bytes of a recorded file; the name is given with its extension. */
export const goldenBytes = (file: string): Uint8Array => readFileSync(new URL(file, folder));

/** Reads a file of `golden/`; the name is given without `.safetensors`. */
export function loadGolden(name: string): Golden {
  const { tensors, metadata } = parseSafetensors(goldenBytes(`${name}.safetensors`));
  return {
    metadata,
    names: [...tensors.keys()],
    tensor(key) {
      const found = tensors.get(key);
      if (!found)
        throw new RangeError(`loadGolden: ${name} has no tensor ${key}. It has ${[...tensors.keys()].join(', ')}.`);
      return tf.tidy(() => channelsLast(key, tf.tensor(Float32Array.from(found.data as Float32Array), found.shape)));
    },
  };
}

/** Kernels are `[out, in, …window]` in PyTorch and `[…window, in, out]` in TensorFlow. */
function channelsLast(name: string, tensor: tf.Tensor): tf.Tensor {
  const isKernel = name.endsWith('.weight');
  if (tensor.rank === 2 && isKernel) return tf.transpose(tensor);
  if (tensor.rank === 4) return tf.transpose(tensor, isKernel ? [2, 3, 1, 0] : [0, 2, 3, 1]);
  if (tensor.rank === 5) return tf.transpose(tensor, [0, 1, 3, 4, 2]);
  return tensor;
}
