export { simdLevels } from './choose-level';
export { SimdMemoryError, SimdThreadError, SimdUnsupportedError } from './errors';
export { isSimdLevel, type NativeLevel, SIMD_LEVELS, type SimdLevel, type WasmLevel } from './level';
export type { NativeAddon, NativeCode, NativeTake } from './native';
export {
  type KernelTime,
  profileSimd,
  registerSimd,
  type SimdInfo,
  type SimdOptions,
  setThreads,
  simdInfo,
} from './register';
