import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { publishedFolders } from './pack.js';
import { readManifest } from './packages';

// Held to what is published, `dist`: what a bundled source imports may differ from what its package does.

/** Optional peers that are imported by a computed name, so that bundlers leave them alone. */
const foundByName: Record<string, string[]> = {
  '@resnet/backend': ['@tensorflow/tfjs-backend-webgpu', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu', 'webgpu'],
}; // biome-ignore format: a list

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** What the scripts in `dist` import from outside, in ESM and CommonJS. */
async function importedByScripts(dist: string): Promise<string[]> {
  const scripts = readdirSync(dist).filter((name) => /\.c?js$/.test(name));
  const { metafile } = await build({
    entryPoints: scripts.map((name, i) => ({ in: join(dist, name), out: `${i}` })),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: 'unwritten',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  return Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
}

/** What the declarations in `dist` import from outside. */
function importedByTypes(dist: string): string[] {
  const declarations = readdirSync(dist).filter((name) => /\.d\.c?ts$/.test(name));
  return declarations.flatMap((name) =>
    [...readFileSync(join(dist, name), 'utf8').matchAll(/(?:from |import\()'([^'.][^']*)'/g)].map((match) => match[1]!),
  );
}

describe.each(publishedFolders)('%s', (folder) => {
  const { name, dependencies, peerDependencies } = readManifest(folder);
  const dist = join(folder, 'dist');

  it('declares what it imports, and nothing else', async () => {
    const imported = [...(await importedByScripts(dist)), ...importedByTypes(dist)]
      .filter((specifier) => !specifier.startsWith('node:') && !builtinModules.includes(specifier))
      .map(packageOf)
      .filter((specifier) => specifier !== name);
    const expected = new Set([...imported, ...(foundByName[name] ?? [])]);
    expect(Object.keys({ ...dependencies, ...peerDependencies }).sort()).toEqual([...expected].sort());
  });
});

it('blocks needs TensorFlow.js alone; schedulers, augment, files and safetensors need nothing', () => {
  const needs = (name: string) => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = readManifest(join('packages', name));
    const peers = Object.keys(peerDependencies ?? {}).filter((peer) => !peerDependenciesMeta?.[peer]?.optional);
    return [...Object.keys(dependencies ?? {}), ...peers];
  };
  expect(needs('blocks')).toEqual(['@tensorflow/tfjs']);
  expect(['schedulers', 'augment', 'files', 'safetensors'].flatMap(needs)).toEqual([]);
});
