import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { compile } from '../packages/backend/build/wasm-plugin';

const backend = join(import.meta.dirname, '../packages/backend');
const cache = join(import.meta.dirname, '../node_modules/.cache/wasm');

/** Changes with every file that the module is compiled from. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const folder of ['assembly', 'build', 'contract'])
    for (const name of readdirSync(join(backend, folder)).sort())
      if (/\.(ts|json)$/.test(name)) hash.update(name).update(readFileSync(join(backend, folder, name)));
  return hash.digest('hex').slice(0, 16);
}

/** The module of one build in base64, compiled once for each state of its sources. */
async function moduleOf(build: string): Promise<string> {
  const file = join(cache, `${build}-${fingerprint()}.base64`);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const base64 = Buffer.from(await compile(build)).toString('base64');
  mkdirSync(cache, { recursive: true });
  writeFileSync(`${file}.${process.pid}`, base64);
  renameSync(`${file}.${process.pid}`, file);
  return base64;
}

/** `wasm:simd128` and `wasm:relaxed` for Vite, as `build/wasm-plugin.ts` of the backend gives them to esbuild. */
export const wasmFromSources = (): Plugin => ({
  name: 'wasm-from-sources',
  enforce: 'pre',
  resolveId: (id) => (id.startsWith('wasm:') ? `\0${id}` : undefined),
  load: async (id) =>
    id.startsWith('\0wasm:') ? `export default ${JSON.stringify(await moduleOf(id.slice(6)))};` : undefined,
});
