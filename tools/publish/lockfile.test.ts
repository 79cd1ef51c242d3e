import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
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
