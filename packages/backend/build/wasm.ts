import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemble } from '../../../wasm.base';
import { assemblyScript } from './contract';

const root = fileURLToPath(new URL('..', import.meta.url));

const common = [
  '--enable', 'threads', '--sharedMemory', '--initialMemory', '16', '--maximumMemory', '65536', '--memoryBase', '65536',
]; // biome-ignore format: an option and its value belong together

/** The builds: every engine with SIMD, and those that also know relaxed SIMD (fused multiply-add). */
const builds: Readonly<Record<string, readonly string[]>> = { simd128: [], relaxed: ['--enable', 'relaxed-simd'] };

/** Sources of the compiler. `assembly/contract.ts` is made from `contract/`. */
function readFile(name: string, folder: string): string | null {
  if (name === 'assembly/contract.ts') return assemblyScript();
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return null;
  }
}

/** Compiles `assembly/` to one of the builds. */
export const compile = (name: string): Promise<Uint8Array> =>
  assemble('assembly/index.ts', root, [...common, ...(builds[name] ?? [])], readFile);
