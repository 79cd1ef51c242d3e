import { SimdUnsupportedError } from './errors';
import type { NativeLevel } from './level';
import { nodeModule } from './node-module';

/** Native code for some of the jobs, behind the same contract as WebAssembly. */
export interface NativeCode {
  /** A Node-API addon or CommonJS module, an absolute path: every thread loads it. Its exports are a `NativeAddon`. */
  path: string;
  /** Which instructions it is to use. */
  level: NativeLevel;
}

/** `native` of `assembly/threads.ts`, for one memory. */
export type NativeTake = (left: number, pages: number) => number;

/** What the module exports. */
export interface NativeAddon {
  /** The levels that this processor runs, best first. */
  levels(): NativeLevel[];
  /** What does jobs on a shared memory. Each thread asks for its own. */
  load(memory: Int32Array, level: NativeLevel): NativeTake;
}

/** An addon that was found, and what it runs here. */
export interface FoundNative {
  path: string;
  levels: NativeLevel[];
}

/** Where there is no native code: everything is WebAssembly's. */
export const noNativeCode: NativeTake = (left) => left || 1;

/** A `require` that sees what is installed beside this package. */
function requireHere(): NodeJS.Require | undefined {
  const modules = nodeModule<typeof import('node:module')>('node:module');
  try {
    // By its name, so that sources, both builds and bundles find the same place.
    return modules?.createRequire(modules.createRequire(import.meta.url).resolve('@resnet/backend/package.json'));
  } catch {
    return undefined; // bundled, and not installed
  }
}

/** Where an addon for this platform may be: its package as npm installs it, or as the repository builds it. */
function candidates(): string[] {
  const platform = `${process.platform}-${process.arch}`;
  const names = process.platform === 'linux' ? [platform, `${platform}-musl`] : [platform];
  return names.flatMap((name) => [`@resnet/backend-${name}`, `./native/build/${name}`]);
}

/** The native code that is installed and loads here; the levels are those that the processor runs. */
export function findNative(): FoundNative | undefined {
  const require = requireHere();
  if (!require) return undefined;
  for (const name of candidates()) {
    try {
      const path = require.resolve(name);
      const levels = (require(path) as NativeAddon).levels();
      if (levels.length > 0) return { path, levels };
    } catch {
      // Not installed, or for another libc.
    }
  }
  return undefined;
}

/**
 * Loads native code for the calling thread.
 *
 * @throws SimdUnsupportedError if this is not Node or alike.
 */
export function loadNative({ path, level }: NativeCode, memory: WebAssembly.Memory): NativeTake {
  const modules = nodeModule<typeof import('node:module')>('node:module');
  if (!modules) throw new SimdUnsupportedError(`simd: native code needs Node, got ${path}. Leave it out.`);
  const addon = modules.createRequire(path)(path) as NativeAddon;
  return addon.load(new Int32Array(memory.buffer), level);
}
