import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishedFolders } from './pack.js';
import { type Manifest, readManifest } from './packages';
import { copyForRelease, versionPackages, workspaces } from './release-copy';

// What `npm run version-packages` and `npm run release` do, in a copy that has no registry to reach.

const namesOf = (folders: readonly string[]) => new Set(folders.map((folder) => readManifest(folder).name));
const published = namesOf(publishedFolders);

/** What a manifest asks of published siblings. */
const siblings = ({ dependencies, peerDependencies, devDependencies }: Manifest): [string, string][] =>
  Object.entries({ ...dependencies, ...peerDependencies, ...devDependencies }).filter(([name]) => published.has(name));

describe('with changesets of this test', () => {
  let copy: string;
  const manifest = (folder: string) => readManifest(join(copy, 'packages', folder));

  beforeAll(() => {
    copy = copyForRelease();
    for (const folder of workspaces) setVersion(join(copy, folder, 'package.json'), '1.2.3');
    const pending = readdirSync(join(copy, '.changeset')).filter((file) => file.endsWith('.md'));
    for (const file of pending) rmSync(join(copy, '.changeset', file));
    const change = "---\n'@resnet/blocks': major\n'@resnet/schedulers': patch\n---\n\nBlocks are round.\n";
    writeFileSync(join(copy, '.changeset', 'round.md'), change);
    versionPackages(copy);
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it('raises what changed, and what depends on it; the rest stays', () => {
    const versions = publishedFolders.map((folder) => readManifest(join(copy, folder)));
    const changed = versions.filter(({ version }) => version !== '1.2.3').map(({ name, version }) => [name, version]);
    expect(changed).toEqual([
      ['@resnet/blocks', '2.0.0'],
      ['@resnet/experiments', '1.2.4'],
      ['@resnet/models', '1.2.4'],
      ['@resnet/schedulers', '1.2.4'],
    ]);
  });

  it('lets dependents ask for the new versions', () => {
    expect(manifest('experiments').dependencies).toMatchObject({
      '@resnet/blocks': '^2.0.0',
      '@resnet/models': '^1.2.4',
      '@resnet/schedulers': '^1.2.4',
      '@resnet/augment': '^1.2.3',
    });
    expect(manifest('models').dependencies).toMatchObject({ '@resnet/blocks': '^2.0.0' });
    expect(manifest('testing')).toMatchObject({ version: '1.2.3', dependencies: { '@resnet/blocks': '^2.0.0' } });
  });

  it('writes why into the changelogs', () => {
    const changelog = (folder: string) => readFileSync(join(copy, 'packages', folder, 'CHANGELOG.md'), 'utf8');
    expect(changelog('blocks')).toMatch(
      /^# @resnet\/blocks\n\n## 2\.0\.0\n\n### Major Changes\n\n- Blocks are round\.\n/,
    );
    expect(changelog('models')).toMatch(
      /## 1\.2\.4\n\n### Patch Changes\n\n- Updated dependencies\n {2}- @resnet\/blocks@2\.0\.0\n/,
    );
    expect(existsSync(join(copy, '.changeset', 'round.md'))).toBe(false);
  });
});

describe('with the changesets that are pending', () => {
  let copy: string;
  beforeAll(() => {
    copy = copyForRelease();
    versionPackages(copy);
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it('every workspace asks for siblings as they are', () => {
    const all = workspaces.map((folder) => readManifest(join(copy, folder)));
    const versionOf = new Map(all.map(({ name, version }) => [name, version]));
    const wrong = all.flatMap(({ name, ...rest }) =>
      siblings({ name, ...rest }).flatMap(([sibling, range]) =>
        range === `^${versionOf.get(sibling)}` ? [] : [`${name} asks for ${sibling} ${range}`],
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('npm would publish all ten, with a changelog, and corrects nothing', () => {
    const folders = publishedFolders.flatMap((folder) => ['--workspace', folder]);
    // A registry that does not exist: nothing can get out, whatever npm makes of `--dry-run`.
    const flags = ['--dry-run', '--json', '--registry=http://127.0.0.1:9', '--fetch-retries=0'];
    const { stdout, stderr } = spawnSync('npm', ['publish', ...flags, ...folders], { cwd: copy, encoding: 'utf8' });
    const packed = Object.values(JSON.parse(stdout) as Record<string, { id: string; files: { path: string }[] }>);
    const ids = publishedFolders.map((folder) => readManifest(join(copy, folder))).map(({ name, version }) => `${name}@${version}`); // biome-ignore format: a list
    expect(packed.map(({ id }) => id)).toEqual(ids);
    expect(packed.filter(({ files }) => !files.some(({ path }) => path === 'CHANGELOG.md'))).toEqual([]);
    expect(stderr).toContain('public access (dry-run)');
    expect(stderr).not.toContain('auto-corrected');
  });
});

/** Gives a manifest a version, and its published siblings the range that this version fits. */
function setVersion(file: string, version: string): void {
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const text = JSON.stringify({ ...manifest, version }, null, 2);
  writeFileSync(file, text.replace(/("@resnet\/[\w-]+": )"\^[\d.]+"/g, `$1"^${version}"`));
}
