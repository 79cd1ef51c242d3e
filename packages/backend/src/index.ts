export { BackendError, UnknownBackendError } from './errors';
export { allowExplicitPadding } from './explicit-padding';
export type { Load } from './load';
export {
  type KernelTime,
  type NativeAddon,
  type NativeCode,
  type NativeLevel,
  type NativeTake,
  profileSimd,
  registerSimd,
  SIMD_LEVELS,
  type SimdInfo,
  type SimdLevel,
  SimdMemoryError,
  type SimdOptions,
  SimdThreadError,
  SimdUnsupportedError,
  setThreads,
  simdInfo,
  simdLevels,
  type WasmLevel,
} from './simd';
export { BACKEND_NAMES, type Backend, type BackendName, type BackendOptions, useBackend } from './use-backend';
export { type WebGpuInfo, webGpuInfo } from './webgpu';
