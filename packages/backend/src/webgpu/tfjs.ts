/// <reference types="@webgpu/types" />
import type { backend_util, DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import type { Block } from './block';
import type { Deferred } from './deferred/deferred';

/** What tfjs's `webgpu` backend keeps of a tensor, and what ours adds. */
export interface TensorRecord {
  dtype: DataType;
  shape: number[];
  values?: backend_util.BackendValues | null;
  refCount: number;
  resource?: GPUBuffer | GPUTexture | GPUExternalTexture | null;
  external?: boolean;
  /** Where the tensor lies, if it is on the device. */
  block?: Block;
  /** The computation it waits for, if it does. */
  deferred?: Deferred;
}

/** How tfjs's backend takes and returns buffers. */
export interface BufferManager {
  numBytesUsed: number;
  numBytesAllocated: number;
  acquireBuffer(size: number, usage: number, mappedAtCreation?: boolean, reuse?: boolean): GPUBuffer;
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
  dispose(): void;
}

/** The members of tfjs's `WebGPUBackend` (4.22) that ours relies on, private ones included. */
export interface TfjsWebGpuBackend extends KernelBackend {
  readonly device: GPUDevice;
  readonly queue: GPUQueue;
  bufferManager: BufferManager;
  readonly tensorMap: {
    get(dataId: object): TensorRecord;
    has(dataId: object): boolean;
  };
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  commandQueueOwnedIds: WeakSet<object>;
  uniformPendingDisposal: GPUBuffer[];
  stagingPendingDisposal: GPUBuffer[];
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  uploadToGPU(dataId: object): void;
  releaseResource(dataId: object): void;
  makeUniforms(uniforms: { type: string; data: number[] }[]): GPUBufferBinding;
  tensorToBinding(tensor: TensorInfo): GPUBindingResource | null;
  shouldExecuteOnCPU(inputs: TensorInfo[], sizeThreshold?: number): boolean;
  makeTensorInfo(shape: number[], dtype: DataType, values?: backend_util.BackendValues | string[]): TensorInfo;
  convertAndCacheOnCPU(dataId: object, data: backend_util.BackendValues): backend_util.BackendValues;
  disposeData(dataId: object, force?: boolean): boolean;
  read(dataId: object): Promise<backend_util.BackendValues>;
  readSync(dataId: object): backend_util.BackendValues;
}

/** The module `@tensorflow/tfjs-backend-webgpu`. */
export interface TfjsWebGpu {
  readonly WebGPUBackend: new (device: GPUDevice, info: GPUAdapterInfo) => TfjsWebGpuBackend;
}
