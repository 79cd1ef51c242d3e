import { SimdUnsupportedError } from './errors';

/** Instructions that native code uses, best first for its processor. */
export const nativeLevels = ['avx512', 'avx2', 'neon'] as const;

/** Builds of the WebAssembly module, best first: `relaxed` has fused multiply-add. */
export const wasmLevels = ['relaxed', 'simd128'] as const;

/** Instructions that native code uses. */
export type NativeLevel = (typeof nativeLevels)[number];

/** Builds of the WebAssembly module. */
export type WasmLevel = (typeof wasmLevels)[number];

/** Which kernels run: native ones for the processor's instructions, or a build of WebAssembly alone. Results differ by rounding only. */
export type SimdLevel = NativeLevel | WasmLevel;

const all: readonly string[] = [...nativeLevels, ...wasmLevels];

/** Whether native code has this level. */
export const isNative = (level: SimdLevel): level is NativeLevel => nativeLevels.some((native) => native === level);

/**
 * The level that the environment variable `RESNET_LEVEL` asks for.
 *
 * @throws SimdUnsupportedError if there is no such level.
 */
export function levelOfEnvironment(): SimdLevel | undefined {
  const level = typeof process === 'undefined' ? undefined : process.env?.RESNET_LEVEL;
  if (!level) return undefined;
  if (all.includes(level)) return level as SimdLevel;
  throw new SimdUnsupportedError(`simd: RESNET_LEVEL must be one of ${all.join(', ')}, got ${level}. Unset it.`);
}
