import type { Candidate } from './candidate';
import { registerSimd, type SimdLevel, type SimdOptions, simdInfo } from './simd';

const kernels: Record<SimdLevel, string> = {
  avx512: 'native kernels with AVX-512',
  avx2: 'native kernels with AVX2',
  neon: 'native kernels with NEON',
  relaxed: 'relaxed SIMD',
  simd128: 'SIMD128',
};

/** This package's own backend: native kernels, or WebAssembly SIMD, on threads. */
export const simd = (options: SimdOptions): Candidate => ({
  label: 'simd',
  async start() {
    await registerSimd(options);
    const info = simdInfo();
    const note = `${kernels[info.simd]} on ${info.threads} ${info.threads === 1 ? 'thread' : 'threads'}.`;
    return { name: 'simd', device: 'cpu', threads: info.threads, simd: info.simd, note };
  },
});
