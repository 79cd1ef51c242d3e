/// <reference path="./wasm.d.ts" />
import relaxedBuild from 'wasm:relaxed';
import simdBuild from 'wasm:simd128';
import { SimdUnsupportedError } from './errors';
import type { WasmLevel } from './level';
import { nodeModule } from './node-module';

/** The functions of the module. */
export interface Exports {
  run(job: number, chunks: number): void;
  begin(job: number, chunks: number): void;
  finish(maySleep: boolean, patience: number): number;
  replay(list: number, count: number, maySleep: boolean, patience: number): number;
  work(slot: number): void;
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const builds: [WasmLevel, string][] = [
  ['relaxed', relaxedBuild],
  ['simd128', simdBuild],
];

/** Compiles if the engine knows the instructions. */
const compileIfValid = (bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | undefined =>
  WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined;

/**
 * Node 20 has relaxed SIMD complete, but behind a flag of V8 that later versions dropped. It is set while the module is compiled, which is done
 * synchronously, so that nothing else sees it; the compiled module keeps its features.
 */
function compileBehindFlag(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | undefined {
  const v8 = nodeModule<typeof import('node:v8')>('node:v8');
  if (!v8 || !process.versions.node.startsWith('20.')) return undefined;
  try {
    v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
    return compileIfValid(bytes);
  } finally {
    v8.setFlagsFromString('--no-experimental-wasm-relaxed-simd');
  }
}

/**
 * Compiles the best build that the engine validates.
 *
 * @param level Take this one instead.
 * @throws SimdUnsupportedError where there is no WebAssembly SIMD with atomics.
 */
export function compileModule(level?: WasmLevel): { module: WebAssembly.Module; level: WasmLevel } {
  for (const [name, build] of builds) {
    if (level && level !== name) continue;
    const bytes = decode(build);
    const module = compileIfValid(bytes) ?? (name === 'relaxed' ? compileBehindFlag(bytes) : undefined);
    if (module) return { module, level: name };
  }
  throw new SimdUnsupportedError(
    `simd: this engine must validate WebAssembly with ${level ?? 'SIMD'} and atomics, and does not. Use Node 20.19 or a current browser, or the 'cpu' backend.`,
  );
}
