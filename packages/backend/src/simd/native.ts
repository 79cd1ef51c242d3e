import { SimdUnsupportedError } from './errors';
import { nodeModule } from './node-module';

/** Instructions that native code uses, best first for its processor. */
export type NativeLevel = 'avx512' | 'avx2' | 'neon';

/** Native code for some of the jobs, behind the same contract as WebAssembly. */
export interface NativeCode {
  /** A CommonJS module or Node-API addon, an absolute path: every thread loads it. Its exports are a `NativeAddon`. */
  path: string;
  /** Which instructions it is to use. */
  level: NativeLevel;
}

/** What the module exports. */
export interface NativeAddon {
  /** Hands over the shared memory, once a thread, before any job. Returns whether the processor has the level. */
  init(memory: Int32Array, level: NativeLevel): boolean;
  /** Does one chunk of the job whose arguments are in place (`contract/jobs.ts`), or returns 0: then WebAssembly does it. */
  dispatch(job: number, chunk: number, scratch: number): number;
}

/** Where there is no native code: everything is WebAssembly's. */
export const noNativeCode = (): number => 0;

/**
 * Loads native code for the calling thread.
 *
 * @throws SimdUnsupportedError if the processor lacks the level, or this is not Node.
 */
export function loadNative({ path, level }: NativeCode, memory: WebAssembly.Memory): NativeAddon['dispatch'] {
  const modules = nodeModule<typeof import('node:module')>('node:module');
  if (!modules) throw new SimdUnsupportedError(`simd: native code needs Node, got ${path}. Leave it out.`);
  const addon = modules.createRequire(path)(path) as NativeAddon;
  if (addon.init(new Int32Array(memory.buffer), level)) return addon.dispatch;
  throw new SimdUnsupportedError(`simd: this processor must have ${level}, and has not. Choose another level.`);
}
