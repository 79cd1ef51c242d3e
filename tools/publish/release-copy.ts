import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { publishedFolders } from './pack.js';
import { readManifest } from './packages';

const changeset = createRequire(import.meta.url).resolve('@changesets/cli/bin.js');

/** The folders of all packages, private ones and examples included. */
export const workspaces: readonly string[] = ['packages', 'examples'].flatMap((parent) =>
  readdirSync(parent)
    .map((name) => join(parent, name))
    .filter((folder) => existsSync(join(folder, 'package.json'))),
);

/** What a release reads: manifests, changesets, and the files that are published. */
function releasedPaths(): string[] {
  const published = publishedFolders.flatMap((folder) => {
    const files = (readManifest(folder).files ?? []).filter((path) => !path.startsWith('!'));
    return [...files, 'README.md', 'LICENSE', 'CHANGELOG.md'].map((path) => join(folder, path));
  });
  const manifests = ['.', ...workspaces].map((folder) => join(folder, 'package.json'));
  return ['.changeset', ...manifests, ...published].filter((path) => existsSync(path));
}

/** Copies what a release reads into a git repository of its own, which the caller removes. */
export function copyForRelease(): string {
  const copy = mkdtempSync(join(tmpdir(), 'release-'));
  for (const path of releasedPaths()) cpSync(path, join(copy, path), { recursive: true });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, '.gitignore'), 'node_modules\ndist\n');
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'init.defaultBranch=main'];
  for (const command of [
    ['init', '--quiet'],
    ['add', '.'],
    ['commit', '--quiet', '--message=copy'],
  ]) {
    execFileSync('git', [...identity, ...command], { cwd: copy });
  }
  return copy;
}

/** Runs `changeset version` in a copy: changesets become versions and changelogs. */
export function versionPackages(copy: string): void {
  execFileSync(process.execPath, [changeset, 'version'], { cwd: copy, stdio: 'pipe' });
}
