import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'resnet-cifar10-'));

/** Runs a script as npm does: in its own folder, started from `folder`. */
const script = (name: string, ...args: string[]) =>
  spawnSync(process.execPath, [`${name}.js`, ...args], {
    cwd: resolve(import.meta.dirname, '..'),
    env: { ...process.env, INIT_CWD: folder },
    encoding: 'utf8',
  });

it('quickstart trains both nets and names files that are there', () => {
  const { status, stdout } = script('quickstart', '--steps', '3', '--batch', '8', '--out', 'first');
  expect(status).toBe(0);
  expect(stdout).toMatch(/plain20.*resnet20/s);
  const out = join(folder, 'first');
  expect(stdout).toContain(`lie in ${out}.`);
  const named = stdout.match(/\w+\.(svg|png|html)/g)!;
  expect(named).toHaveLength(3);
  for (const file of [...named, 'plain20/result.json', 'resnet20/result.json']) {
    expect(existsSync(join(out, file)), file).toBe(true);
  }
}, 120_000);

it('reproduce goes on where it stopped, and never takes a run of another protocol for its own', () => {
  const call = ['reproduce', '--data', 'shapes10', '--models', 'resnet8,plain8', '--out', 'again'] as const;
  const first = script(...call, '--steps', '4');
  expect([first.status, first.stdout]).toEqual([0, expect.stringMatching(/resnet8.*plain8/s)]);
  const result = join(folder, 'again/resnet8-0/result.json');
  expect(JSON.parse(readFileSync(result, 'utf8'))).toMatchObject({ model: 'resnet8', steps: 4 });

  const before = statSync(result).mtimeMs;
  expect(script(...call, '--steps', '4').status).toBe(0);
  expect(statSync(result).mtimeMs).toBe(before);

  const other = script(...call, '--steps', '8');
  expect([other.status, other.stderr]).toEqual([2, expect.stringContaining('holds a run of another recipe')]);
}, 120_000);

it.each([[['--stepz', '3']], [['--data', 'x', '--download']], [[]]])('reproduce %j is explained', (args) => {
  const { status, stderr } = script('reproduce', ...args);
  expect([status, stderr]).toEqual([2, expect.stringContaining('npm run reproduce -- --data PATH | --download')]);
});
