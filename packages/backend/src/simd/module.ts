/// <reference path="./wasm.d.ts" />
import relaxedBuild from 'wasm:relaxed';
import simdBuild from 'wasm:simd128';
import { SimdUnsupportedError } from './errors';

/** Which build of the kernels runs: `relaxed` has fused multiply-add. */
export type SimdLevel = 'simd128' | 'relaxed';

/** The functions of the module. */
export interface Exports {
  run(job: number, chunks: number, parallel: boolean, maySleep: boolean, patience: number): number;
  work(slot: number): void;
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * Compiles the best build that the engine validates.
 *
 * @param level Take this one instead.
 * @throws SimdUnsupportedError where there is no WebAssembly SIMD with atomics.
 */
export async function compileModule(level?: SimdLevel): Promise<{ module: WebAssembly.Module; level: SimdLevel }> {
  const candidates: [SimdLevel, string][] = [
    ['relaxed', relaxedBuild],
    ['simd128', simdBuild],
  ];
  for (const [name, build] of candidates) {
    if (level && level !== name) continue;
    const bytes = decode(build);
    if (WebAssembly.validate(bytes)) return { module: await WebAssembly.compile(bytes), level: name };
  }
  throw new SimdUnsupportedError(
    `simd: this engine must validate WebAssembly with ${level ?? 'SIMD'} and atomics, and does not. Use Node 20.19 or a current browser, or the 'cpu' backend.`,
  );
}
