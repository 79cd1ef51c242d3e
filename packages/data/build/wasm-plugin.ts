import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import type { Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

const options = ['--outFile', 'module.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--enable', 'simd',
  '--importMemory', '--initialMemory', '1', '--disableWarning', '201']; // biome-ignore format: an option and its value belong together

/** Compiles `assembly/NAME.ts`. */
export async function compile(name: string): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([`assembly/${name}.ts`, '--baseDir', root, ...options], {
    writeFile: (file, contents) => {
      if (file === 'module.wasm' && typeof contents !== 'string') binary = contents;
    },
  });
  if (error || !binary) throw new Error(`asc ${name}: ${stderr.toString() || error}`);
  return binary;
}

/** Resolves `wasm:NAME` to `assembly/NAME.ts`, compiled, as a base64 string: no file must be found at run time. */
export const wasmPlugin: Plugin = {
  name: 'wasm',
  setup(build) {
    build.onResolve({ filter: /^wasm:/ }, ({ path }) => ({ path: path.slice(5), namespace: 'wasm' }));
    build.onLoad({ filter: /.*/, namespace: 'wasm' }, async ({ path }) => ({
      contents: await compile(path),
      loader: 'base64',
    }));
  },
};
