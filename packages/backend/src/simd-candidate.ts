import type { Candidate } from './candidate';
import { registerSimd, type SimdOptions, simdInfo } from './simd';

/** This package's own backend: WebAssembly SIMD on threads. */
export const simd = (options: SimdOptions): Candidate => ({
  label: 'simd',
  async start() {
    await registerSimd(options);
    const info = simdInfo();
    const build = info.simd === 'relaxed' ? 'relaxed SIMD' : 'SIMD128';
    const note = `${build} on ${info.threads} ${info.threads === 1 ? 'thread' : 'threads'}.`;
    return { name: 'simd', device: 'cpu', threads: info.threads, simd: info.simd, note };
  },
});
