import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { compile as compileBackend } from '../packages/backend/build/wasm';
import { compile as compileData } from '../packages/data/build/wasm';

/** A package with WebAssembly, and what compiles a module of it. */
interface Origin {
  readonly folder: string;
  readonly compile: (module: string) => Promise<Uint8Array>;
}

const packages = join(import.meta.dirname, '../packages');
const backend: Origin = { folder: join(packages, 'backend'), compile: compileBackend };
const origins: Readonly<Record<string, Origin>> = {
  simd128: backend,
  relaxed: backend,
  resize: { folder: join(packages, 'data'), compile: compileData },
};

const cache = join(import.meta.dirname, '../node_modules/.cache/wasm');

/** Changes with every file that the module is compiled from. */
function fingerprint({ folder }: Origin): string {
  const hash = createHash('sha256').update(readFileSync(join(packages, '../wasm.base.ts')));
  for (const part of ['assembly', 'build', 'contract'].map((name) => join(folder, name)).filter(existsSync))
    for (const name of readdirSync(part).sort())
      if (/\.(ts|json)$/.test(name)) hash.update(name).update(readFileSync(join(part, name)));
  return hash.digest('hex').slice(0, 16);
}

/** A module in base64, compiled once for each state of its sources. */
async function moduleOf(build: string): Promise<string> {
  const origin = origins[build];
  if (!origin) throw new Error(`wasm:${build}: must be one of ${Object.keys(origins).join(', ')}. Name it in tools.`);
  const file = join(cache, `${build}-${fingerprint(origin)}.base64`);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const base64 = Buffer.from(await origin.compile(build)).toString('base64');
  mkdirSync(cache, { recursive: true });
  writeFileSync(`${file}.${process.pid}`, base64);
  renameSync(`${file}.${process.pid}`, file);
  return base64;
}

/** `wasm:simd128` and the like for Vite, as `wasmPlugin` of `wasm.base.ts` gives them to esbuild. */
export const wasmFromSources = (): Plugin => ({
  name: 'wasm-from-sources',
  enforce: 'pre',
  resolveId: (id) => (id.startsWith('wasm:') ? `\0${id}` : undefined),
  load: async (id) =>
    id.startsWith('\0wasm:') ? `export default ${JSON.stringify(await moduleOf(id.slice(6)))};` : undefined,
});
