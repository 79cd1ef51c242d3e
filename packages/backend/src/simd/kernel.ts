import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from './backend';

/** What a kernel gets. */
export interface KernelCall {
  backend: SimdBackend;
  inputs: NamedTensorInfoMap;
  attrs: NamedAttrMap;
}

/** A kernel of this backend. `undefined` leaves the call to the inherited cpu kernel. */
export type SimdKernel = (call: KernelCall) => TensorInfo | TensorInfo[] | undefined;

/** Whether all are floats. */
export const allFloat = (...tensors: (TensorInfo | undefined)[]): boolean =>
  tensors.every((tensor) => tensor === undefined || tensor.dtype === 'float32');

/** Whether two shapes are equal. */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

/** How many chunks of `block` cover `total`. */
export const chunksOf = (total: number, block: number): number => Math.max(1, Math.ceil(total / block));
