import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { workspaces } from './release-copy';

const folder = mkdtempSync(join(tmpdir(), 'lockfile-'));
afterAll(() => rmSync(folder, { recursive: true }));

// `npm install` beside an old node_modules can leave out packages of other platforms, and `npm ci` then refuses the lockfile.
it('npm ci accepts the lockfile in a fresh clone', () => {
  const manifests = ['.', ...workspaces].map((path) => join(path, 'package.json'));
  for (const path of ['package-lock.json', ...manifests]) cpSync(path, join(folder, path));
  const flags = ['--dry-run', '--offline', '--ignore-scripts', '--no-audit', '--loglevel=error'];
  const { status, stderr } = spawnSync('npm', ['ci', ...flags], { cwd: folder, encoding: 'utf8' });
  expect(stderr).not.toContain('npm error');
  expect(status).toBe(0);
});

// npm before 11.16 asks nobody and runs them all, so a script must not fetch anything that the registry does not have.
it('who wants to run a script at installation is known', () => {
  const { packages }: { packages: Record<string, { hasInstallScript?: true }> } = read('package-lock.json');
  const scripted = Object.keys(packages).filter((path) => packages[path]!.hasInstallScript);
  const { allowScripts } = read('package.json');
  expect(scripted.map((path) => path.replace(/^.*node_modules\//, '')).sort()).toEqual(
    Object.keys(allowScripts).sort(),
  );
});

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
