import {
  findBackend,
  getKernel,
  getKernelsForBackend,
  type KernelConfig,
  type KernelFunc,
  registerBackend,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { Operation, UnaryOperation } from '../../contract/modes';
import { SimdBackend } from './backend';
import { chooseLevel } from './choose-level';
import type { KernelCall, SimdKernel } from './kernel';
import { arithmetic } from './kernels/arithmetic';
import { conv2D, conv2DBackpropFilter, conv2DBackpropInput, fusedConv2D } from './kernels/conv2d';
import { crossEntropy, softmaxCrossEntropy } from './kernels/cross-entropy';
import { batchMatMul, fusedMatMul } from './kernels/mat-mul';
import { momentumUpdate } from './kernels/momentum-update';
import { batchNorm, batchNormGrad, fusedBatchNorm } from './kernels/norm';
import { add, addN, relu, reluGrad, unary } from './kernels/pointwise';
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad } from './kernels/pooling';
import { meanKernel, sumKernel } from './kernels/reduce';
import { runningStatistics } from './kernels/running-statistics';
import { padShortcut, padShortcutGrad } from './kernels/shortcut';
import type { SimdLevel } from './level';
import type { NativeCode } from './native';
import { inNode } from './node-module';
import { withRecording } from './recording/record-step';
import { Runtime } from './runtime';

/** Kernels of our own, by tfjs's names and those of the fused operations that `@resnet/blocks` and `@resnet/trainer` look for. */
const kernels: Record<string, SimdKernel> = {
  Add: add,
  AddN: addN,
  AvgPool: avgPool,
  AvgPoolGrad: avgPoolGrad,
  BatchMatMul: batchMatMul,
  Conv2D: conv2D,
  Conv2DBackpropFilter: conv2DBackpropFilter,
  Conv2DBackpropInput: conv2DBackpropInput,
  FusedBatchNorm: fusedBatchNorm,
  FusedConv2D: fusedConv2D,
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGrad,
  Mean: meanKernel,
  Minimum: arithmetic(Operation.Minimum),
  Multiply: arithmetic(Operation.Multiply),
  RealDiv: arithmetic(Operation.Divide),
  Relu: relu,
  ResNetBatchNorm: batchNorm,
  ResNetBatchNormGrad: batchNormGrad,
  ResNetCrossEntropy: crossEntropy,
  ResNetMomentumUpdate: momentumUpdate,
  ResNetPadShortcut: padShortcut,
  ResNetPadShortcutGrad: padShortcutGrad,
  ResNetReluGrad: reluGrad,
  ResNetRunningStatistics: runningStatistics,
  ResNetSoftmaxCrossEntropy: softmaxCrossEntropy,
  Sqrt: unary(UnaryOperation.SquareRoot),
  Square: unary(UnaryOperation.Square),
  Sub: arithmetic(Operation.Subtract),
  Sum: sumKernel,
  _FusedMatMul: fusedMatMul,
};

/** Ours where it can, else the cpu's. */
function withFallback(name: string, kernel: SimdKernel): KernelFunc {
  return (call) => {
    const own = call as unknown as KernelCall;
    const result = own.backend.runtime.pool.during(() => kernel(own));
    if (result) return result;
    const stock = getKernel(name, 'cpu');
    if (!stock) throw new TypeError(`simd: ${name} must get float32 tensors of fitting shapes. Check its inputs.`);
    return inherited(stock)(call);
  };
}

/** A kernel of the cpu's, by its name where a recording must say what ran. */
const inherited =
  ({ kernelName, kernelFunc }: KernelConfig): KernelFunc =>
  (call) => {
    const { recorder } = (call as unknown as KernelCall).backend.runtime;
    if (!recorder) return kernelFunc(call);
    const outer = recorder.kernel;
    recorder.kernel = kernelName;
    try {
      return kernelFunc(call);
    } finally {
      recorder.kernel = outer;
    }
  };

/** How to start the `simd` backend. */
export interface SimdOptions {
  /** Threads, the calling one included; all cores by default. */
  threads?: number;
  /** Which kernels run. Default: the environment variable `RESNET_LEVEL`, or else the best that runs here. */
  level?: SimdLevel;
  /** Upper limit of the memory for tensors, in bytes; 4 GiB by default, which is WebAssembly's own. */
  maxBytes?: number;
  /** Milliseconds without progress after which a worker counts as dead. Default: 20,000. */
  patience?: number;
  /** Native code to use in place of what is installed. */
  native?: NativeCode;
}

/** What runs. */
export interface SimdInfo {
  /** Threads that compute, the calling one included. */
  threads: number;
  /** Which kernels run. */
  simd: SimdLevel;
  /** Bytes of memory handed out at the fullest moment, rounded as the pool does. */
  poolBytes: number;
  /** Bytes that tensors use now. */
  usedBytes: number;
}

/** Time of one kind of kernel. */
export interface KernelTime {
  /** What ran on the threads, such as `winograd forward 16→32`: finer than the kernels of TensorFlow.js. */
  kernel: string;
  /** How often it ran. */
  calls: number;
  /** Wall time of all calls together. */
  seconds: number;
}

let runtime: Runtime | undefined;

// Node 20 has no navigator.
const cores = (): number =>
  inNode ? process.getBuiltinModule('node:os').availableParallelism() : navigator.hardwareConcurrency;

function current(who: string): Runtime {
  if (!runtime) throw new Error(`${who}: the simd backend must be registered first. Await registerSimd().`);
  return runtime;
}

/**
 * Registers the backend `simd` with all kernels of `cpu` and its own. Select it with `tf.setBackend('simd')`.
 * Called again it only sets the number of threads, if one is given.
 *
 * @throws SimdUnsupportedError where the engine has no WebAssembly SIMD, or the level does not run here.
 */
export async function registerSimd(options: SimdOptions = {}): Promise<void> {
  if (runtime && findBackend('simd')) {
    if (options.threads) runtime.setThreads(options.threads);
    return;
  }
  const { threads = cores(), maxBytes, patience } = options;
  const started = await Runtime.start({ threads, maxBytes, patience, ...chooseLevel(options) });
  runtime = started;
  for (const stock of getKernelsForBackend('cpu')) {
    registerKernel({ ...stock, backendName: 'simd', kernelFunc: inherited(stock) });
  }
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    if (getKernel(kernelName, 'simd')) unregisterKernel(kernelName, 'simd');
    registerKernel({ kernelName, backendName: 'simd', kernelFunc: withFallback(kernelName, kernel) });
  }
  registerBackend('simd', () => withRecording(new SimdBackend(started)));
}

/** Uses `count` threads from the next kernel on. Results do not depend on it. */
export const setThreads = (count: number): void => current('setThreads').setThreads(count);

/** Threads, level and memory of the running backend. */
export function simdInfo(): SimdInfo {
  const { threads, level, pool } = current('simdInfo');
  return { threads, simd: level, poolBytes: pool.poolBytes, usedBytes: pool.usedBytes };
}

/** Measures all kernels while `f` runs, the longest first. */
export async function profileSimd(f: () => void | Promise<void>): Promise<KernelTime[]> {
  const measured = current('profileSimd');
  measured.profile = new Map();
  await f();
  const times = [...measured.profile].map(([kernel, time]) => ({ kernel, ...time }));
  measured.profile = undefined;
  return times.sort((a, b) => b.seconds - a.seconds);
}
