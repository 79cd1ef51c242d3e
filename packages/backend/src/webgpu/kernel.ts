import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { WebGpuBackend } from './webgpu-backend';

/** What a kernel gets. */
export interface KernelCall {
  readonly backend: WebGpuBackend;
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
}

/** A kernel of this backend. `undefined` leaves the call to the stock one. */
export type WebGpuKernel = (call: KernelCall) => TensorInfo | TensorInfo[] | undefined;

/** Whether all are floats. */
export const allFloat = (...tensors: (TensorInfo | undefined)[]): boolean =>
  tensors.every((tensor) => tensor === undefined || tensor.dtype === 'float32');

/** Whether two shapes are equal. */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);
