/// <reference types="@webgpu/types" />
import {
  findBackendFactory,
  getKernel,
  registerBackend,
  registerKernel,
  removeBackend,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { makeBackend } from './backend';
import { requestDevice } from './device';
import type { KernelCall, WebGpuKernel } from './kernel';
import { adamWUpdate } from './kernels/adamw-update';
import { conv2D, conv2DBackpropFilter, conv2DBackpropInput } from './kernels/convolution';
import { crossEntropy, softmaxCrossEntropy } from './kernels/cross-entropy';
import { momentumUpdate } from './kernels/momentum-update';
import { batchNorm, batchNormGrad, fusedBatchNorm } from './kernels/norm';
import { add, cast, relu, reluGrad } from './kernels/pointwise';
import { runningStatistics } from './kernels/running-statistics';
import { padShortcut, padShortcutGrad } from './kernels/shortcut';
import type { TfjsWebGpu } from './tfjs';
import type { WebGpuBackend } from './webgpu-backend';

/** Kernels of our own, by tfjs's names and those of the fused operations that `@resnet/blocks` and `@resnet/trainer` look for. */
const kernels: Record<string, WebGpuKernel> = {
  Add: add,
  Cast: cast,
  Conv2D: conv2D,
  Conv2DBackpropFilter: conv2DBackpropFilter,
  Conv2DBackpropInput: conv2DBackpropInput,
  FusedBatchNorm: fusedBatchNorm,
  Relu: relu,
  ResNetAdamWUpdate: adamWUpdate,
  ResNetBatchNorm: batchNorm,
  ResNetBatchNormGrad: batchNormGrad,
  ResNetCrossEntropy: crossEntropy,
  ResNetMomentumUpdate: momentumUpdate,
  ResNetPadShortcut: padShortcut,
  ResNetPadShortcutGrad: padShortcutGrad,
  ResNetReluGrad: reluGrad,
  ResNetRunningStatistics: runningStatistics,
  ResNetSoftmaxCrossEntropy: softmaxCrossEntropy,
};

/** What runs. */
export interface WebGpuInfo {
  /** Dispatches since the start. */
  dispatches: number;
  /** Submits since the start. */
  submits: number;
  /** Shaders of our own so far. */
  shaders: number;
  /** How many of them are still being compiled; commands wait for them. */
  compiling: number;
  /** Bytes that tensors use now. */
  usedBytes: number;
  /** Bytes of device memory that are held, those ready for reuse included. */
  heldBytes: number;
}

/** How to start the `webgpu` backend. */
export interface WebGpuOptions {
  readonly adapter: GPUAdapter;
  /** The module `@tensorflow/tfjs-backend-webgpu`, imported when `navigator.gpu` and WebGPU's globals were there. */
  readonly tfjs: TfjsWebGpu;
}

let running: WebGpuBackend | undefined;
let factory: (() => WebGpuBackend) | undefined;

/**
 * Registers the backend `webgpu` with tfjs's kernels and our own, on a device that is asked of `adapter` with the features and
 * limits that it has. It replaces the one that tfjs registers. Called again while it is registered it does nothing.
 */
export async function registerWebGpu({ adapter, tfjs }: WebGpuOptions): Promise<void> {
  if (factory && findBackendFactory('webgpu') === factory) return;
  const device = await requestDevice(adapter);
  const backend = makeBackend(tfjs, device, (adapter as GPUAdapter & { info: GPUAdapterInfo }).info);
  if (findBackendFactory('webgpu')) removeBackend('webgpu');
  for (const [kernelName, kernel] of Object.entries(kernels)) register(kernelName, kernel);
  factory = () => backend;
  registerBackend('webgpu', factory, 3);
  running = backend;
}

/** Counters of the running backend. */
export function webGpuInfo(): WebGpuInfo {
  if (!running) throw new Error('webGpuInfo: the webgpu backend must be registered first. Await useBackend("webgpu").');
  const { commands, buffers, pipelines } = running;
  const shaders = { shaders: pipelines.count, compiling: pipelines.pending };
  return { ...commands.counts, ...shaders, usedBytes: buffers.numBytesUsed, heldBytes: buffers.numBytesAllocated };
}

/** Ours where it can, else tfjs's. */
function register(kernelName: string, kernel: WebGpuKernel): void {
  const present = getKernel(kernelName, 'webgpu');
  const stock = present && !ours.has(present.kernelFunc) ? present.kernelFunc : stocks.get(kernelName);
  if (present) unregisterKernel(kernelName, 'webgpu');
  if (stock) stocks.set(kernelName, stock);
  const kernelFunc = (call: unknown) => {
    const result = kernel(call as KernelCall) ?? stock?.(call as never);
    if (result) return result;
    throw new TypeError(`webgpu: ${kernelName} must get float32 tensors of fitting shapes. Check its inputs.`);
  };
  ours.add(kernelFunc);
  registerKernel({ kernelName, backendName: 'webgpu', kernelFunc });
}

const stocks = new Map<string, NonNullable<ReturnType<typeof getKernel>>['kernelFunc']>();
const ours = new WeakSet<object>();
