import type { Candidate } from './candidate';

/** What the `simd` backend offers, in this package's `simd` folder. */
export interface Simd {
  registerSimd(options: { threads?: number }): Promise<void>;
  setThreads(threads: number): void | Promise<void>;
  simdInfo(): { readonly threads: number; readonly simd: 'simd128' | 'relaxed' };
}

/** This package's own backend: WebAssembly SIMD on threads. */
export const simd = (threads: number | undefined, module: Simd): Candidate => ({
  label: 'simd',
  async start() {
    await module.registerSimd({ threads });
    const info = module.simdInfo();
    const build = info.simd === 'relaxed' ? 'relaxed SIMD' : 'SIMD128';
    const note = `${build} on ${info.threads} ${info.threads === 1 ? 'thread' : 'threads'}.`;
    return { name: 'simd', device: 'cpu', threads: info.threads, simd: info.simd, note };
  },
});
