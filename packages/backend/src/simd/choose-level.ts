import { SimdUnsupportedError } from './errors';
import { isNative, levelOfEnvironment, type NativeLevel, type SimdLevel, type WasmLevel, wasmLevels } from './level';
import { compileModule } from './module';
import { type FoundNative, findNative, type NativeCode } from './native';

let found: { native: FoundNative | undefined } | undefined;

/** Native code is looked for once. */
function installed(): FoundNative | undefined {
  found ??= { native: findNative() };
  return found.native;
}

/** What runs, as the runtime takes it. */
export interface Choice {
  /** A build of WebAssembly other than the best. */
  wasm?: WasmLevel;
  /** Native code that is asked first. */
  native?: NativeCode;
}

/**
 * Chooses the kernels: what is asked for, or by the environment, or the best.
 *
 * @throws SimdUnsupportedError if the level does not run here.
 */
export function chooseLevel({
  level = levelOfEnvironment(),
  native,
}: {
  level?: SimdLevel;
  native?: NativeCode;
}): Choice {
  if (native) return { native };
  if (level && !isNative(level)) return { wasm: level };
  const here = installed();
  const best = level ?? here?.levels[0];
  if (!best) return {};
  if (here?.levels.includes(best as NativeLevel)) return { native: { path: here.path, level: best as NativeLevel } };
  throw new SimdUnsupportedError(
    `simd: level must be one that runs here, ${simdLevels().join(', ')}, got ${best}. ` +
      (here ? 'Leave it out.' : 'Native kernels are not installed: see the README of @resnet/backend.'),
  );
}

/** The levels that run here, the best first. */
export function simdLevels(): SimdLevel[] {
  return [...(installed()?.levels ?? []), ...wasmLevels.filter(compiles)];
}

function compiles(level: WasmLevel): boolean {
  try {
    return Boolean(compileModule(level));
  } catch {
    return false;
  }
}
