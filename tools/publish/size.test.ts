import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { entryPoints, readManifest } from './packages';

/**
 * Bytes that a package adds to somebody's page: everything it exports, through all its doors, bundled and minified by esbuild
 * without peers, then gzip at its default level. 1 kB is 1000 bytes.
 */
async function compressedSize(name: string): Promise<number> {
  const manifest = readManifest(join('packages', name));
  const doors = entryPoints(manifest).map((path) => `export * from '${manifest.name}${path.slice(1)}';`);
  const { outputFiles } = await build({
    stdin: { contents: doors.join('\n'), resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: Object.keys(manifest.peerDependencies ?? {}),
    write: false,
  });
  return gzipSync(outputFiles[0]!.contents).length;
}

it.each([
  ['schedulers', 3000],
  ['blocks', 6000],
  ['augment', 10_000],
])('%s takes at most %i bytes', async (name, limit) => {
  expect(await compressedSize(name)).toBeLessThanOrEqual(limit);
});
