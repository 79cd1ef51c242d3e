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

/** Every level, native ones first, each kind best first. */
export const SIMD_LEVELS: readonly SimdLevel[] = [...nativeLevels, ...wasmLevels];

/** Whether a word names a level. */
export const isSimdLevel = (word: string): word is SimdLevel => SIMD_LEVELS.some((level) => level === word);

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
  if (isSimdLevel(level)) return level;
  throw new SimdUnsupportedError(
    `simd: RESNET_LEVEL must be one of ${SIMD_LEVELS.join(', ')}, got ${level}. Unset it.`,
  );
}
