export { SimdMemoryError, SimdThreadError, SimdUnsupportedError } from './errors';
export type { SimdLevel } from './module';
export type { NativeAddon, NativeCode, NativeLevel } from './native';
export {
  type KernelTime,
  profileSimd,
  registerSimd,
  type SimdInfo,
  type SimdOptions,
  setThreads,
  simdInfo,
} from './register';
