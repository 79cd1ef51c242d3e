import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publishedFolders } from './pack.js';
import { type Manifest, readManifest } from './packages';

const root = readManifest('.');
const versions = new Map(publishedFolders.map(readManifest).map(({ name, version }) => [name, version]));

/** Scripts that npm runs on the machine of whoever installs or packs a package. */
const hooks = ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare', 'prepack', 'postpack', 'dependencies'];

it('there are fifteen packages', () => {
  expect([...versions.keys()].map((name) => name.replace('@resnet/', ''))).toEqual(
    ['analysis', 'augment', 'backend', 'blocks', 'charts', 'cli', 'dashboard', 'data', 'distributed', 'experiments', 'files', 'models', 'safetensors', 'schedulers', 'trainer'], // biome-ignore format: a list
  );
});

describe.each(publishedFolders)('%s', (folder) => {
  const manifest = readManifest(folder);

  it('says what it is, whose, where from and where to', () => {
    expect(manifest).toMatchObject({
      name: folder.replace('packages/', '@resnet/'),
      license: 'MIT',
      author: root.author,
      repository: { ...root.repository, directory: folder },
      homepage: root.homepage?.replace('#readme', `/tree/main/${folder}#readme`),
      bugs: root.bugs,
      type: 'module',
      engines: root.engines,
      publishConfig: { access: 'public', provenance: true },
    });
    expect(manifest.description).toMatch(/^[A-Z].{30,110}\.$/);
    expect(manifest.keywords?.length).toBeGreaterThanOrEqual(4);
  });

  it('has the license of the repository and a README', () => {
    expect(readFileSync(join(folder, 'LICENSE'), 'utf8')).toBe(readFileSync('LICENSE', 'utf8'));
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(`# ${manifest.name}\n`);
  });

  it('runs nothing when it is installed', () => {
    expect(Object.keys(manifest.scripts ?? {}).filter((name) => hooks.includes(name))).toEqual([]);
  });

  it('can be tree-shaken, unless importing it registers layers', () => {
    expect(manifest.sideEffects).toBe(folder === 'packages/blocks');
  });

  it('asks for its siblings by a range that npm understands and this version fits', () => {
    for (const [name, range] of dependencies(manifest)) {
      if (versions.has(name)) expect(range, name).toBe(`^${versions.get(name)}`);
      else expect(range, name).toMatch(/^(\^?\d+\.\d+\.\d+|\*)$/);
    }
  });
});

const dependencies = ({ dependencies, peerDependencies }: Manifest): [string, string][] =>
  Object.entries({ ...dependencies, ...peerDependencies });
