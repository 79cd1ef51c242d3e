import * as tf from '@tensorflow/tfjs';

// Fused kernels are looked up by name, so that any backend can register its own without these packages importing it.

/** Whether the current backend has this kernel. */
export const hasKernel = (name: string): boolean => tf.getKernel(name, tf.getBackend()) != null;

/** A setting of a kernel, or what it calls in between. */
type Attribute = number | readonly number[] | ((a: Float32Array, b: Float32Array) => unknown);

/** Runs a kernel of the current backend; `inputs` and `attributes` are the kernel's own. */
export const runKernel = (
  name: string,
  inputs: { [name: string]: tf.Tensor },
  attributes: { [name: string]: Attribute } = {},
): tf.Tensor[] => [tf.engine().runKernel(name, inputs, { ...attributes } as tf.NamedAttrMap)].flat();

/** A value and what its gradient needs to remember. */
export interface Forward {
  value: tf.Tensor;
  saved: tf.Tensor[];
}

/** Computes `forward`, whose gradient for each input is `backward(dy, saved)`. Intermediate tensors are disposed. */
export const withGradient = (
  inputs: readonly tf.Tensor[],
  forward: () => Forward,
  backward: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[],
): tf.Tensor =>
  tf.customGrad((...inputsAndSave) => {
    const save = inputsAndSave.at(-1);
    const { value, saved } = forward();
    if (typeof save === 'function') save(saved);
    return { value, gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => tf.tidy(() => backward(dy, kept)) };
  })(...inputs);
