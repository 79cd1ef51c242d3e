import { BackendError } from '../errors';

/** WebGPU could not go on: a lost device, memory, a kernel. The message names the tensor or kernel. */
export class WebGpuError extends BackendError {
  /** `WebGpuError`, in minified code too. */
  override name = 'WebGpuError';
}

/** The device is gone: the driver was reset, or the device was destroyed. Nothing on it can be read any more. */
export class WebGpuLostError extends WebGpuError {
  /** `WebGpuLostError`, in minified code too. */
  override name = 'WebGpuLostError';
}

/** A buffer did not fit into the device's memory or its limits. */
export class WebGpuMemoryError extends WebGpuError {
  /** `WebGpuMemoryError`, in minified code too. */
  override name = 'WebGpuMemoryError';
}

/** A shader did not compile, or a dispatch was refused. */
export class WebGpuKernelError extends WebGpuError {
  /** `WebGpuKernelError`, in minified code too. */
  override name = 'WebGpuKernelError';
}

/** Values on the GPU were asked for synchronously where only `await tensor.data()` can fetch them. */
export class WebGpuReadError extends WebGpuError {
  /** `WebGpuReadError`, in minified code too. */
  override name = 'WebGpuReadError';
}
