import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import type { Plugin } from 'esbuild';
import { assemblyScript } from './contract';

const common = [
  'assembly/index.ts', '--baseDir', fileURLToPath(new URL('..', import.meta.url)), '--outFile', 'module.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=',
  '--enable', 'simd', '--enable', 'threads', '--sharedMemory', '--importMemory', '--initialMemory', '16', '--maximumMemory', '65536',
  '--memoryBase', '65536', '--disableWarning', '201',
]; // biome-ignore format: an option and its value belong together

/** The builds: every engine with SIMD, and those that also know relaxed SIMD (fused multiply-add). */
const builds: Record<string, string[]> = { simd128: [], relaxed: ['--enable', 'relaxed-simd'] };

const compiled = new Map<string, Promise<Uint8Array>>();

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
export async function compile(name: string): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([...common, ...(builds[name] ?? [])], {
    readFile,
    writeFile: (file, contents) => {
      if (file === 'module.wasm' && typeof contents !== 'string') binary = contents;
    },
  });
  if (error || !binary) throw new Error(`asc ${name}: ${stderr.toString() || error}`);
  return binary;
}

/** Resolves `wasm:simd128` and `wasm:relaxed` to the compiled module as a base64 string, so that no file must be found at run time. */
export const wasmPlugin: Plugin = {
  name: 'wasm',
  setup(build) {
    build.onResolve({ filter: /^wasm:/ }, ({ path }) => ({ path: path.slice(5), namespace: 'wasm' }));
    build.onLoad({ filter: /.*/, namespace: 'wasm' }, async ({ path }) => {
      const binary = compiled.get(path) ?? compile(path);
      compiled.set(path, binary);
      return { contents: await binary, loader: 'base64' };
    });
  },
};
