import asc, { type APIOptions } from 'assemblyscript/asc';
import type { Plugin } from 'esbuild';

/** Flags of every module: fast, without a garbage collector, on memory that the caller provides. */
const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--enable', 'simd', '--importMemory', '--disableWarning', '201']; // biome-ignore format: an option and its value belong together

/**
 * Compiles AssemblyScript to WebAssembly.
 *
 * @param entry Path of the first source, relative to `root`.
 * @param more Flags beside those of every module.
 * @param readFile Reads the compiler's sources. Default: from disk.
 */
export async function assemble(
  entry: string,
  root: string,
  more: readonly string[],
  readFile?: APIOptions['readFile'],
): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([entry, '--baseDir', root, '--outFile', 'module.wasm', ...flags, ...more], {
    ...(readFile && { readFile }),
    writeFile: (file, contents) => {
      if (file === 'module.wasm' && typeof contents !== 'string') binary = contents;
    },
  });
  if (error || !binary) throw new Error(`asc ${entry}: ${stderr.toString() || error}`);
  return binary;
}

/** Resolves `wasm:NAME` to what `compile(NAME)` returns, as a base64 string: no file must be found at run time. */
export function wasmPlugin(compile: (name: string) => Promise<Uint8Array>): Plugin {
  const compiled = new Map<string, Promise<Uint8Array>>();
  return {
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
}
