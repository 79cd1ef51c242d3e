import { spawn } from 'node:child_process';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { emptyFolder, resnet } from './command';

const folder = emptyFolder();
const run = join(folder, 'run');
const command = fileURLToPath(new URL('../bin/resnet.js', import.meta.url));

/** Runs the command with nobody at the other end of one of its streams. */
const unheard = (stream: 'stdout' | 'stderr', args: readonly string[]) =>
  new Promise<{ code: number | null; other: string }>((resolve) => {
    const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let other = '';
    child[stream].destroy();
    child[stream === 'stdout' ? 'stderr' : 'stdout'].on('data', (chunk: Buffer) => {
      other += chunk.toString();
    });
    child.on('close', (code) => resolve({ code, other }));
  });

beforeAll(async () => {
  const { code, other } = await unheard('stderr', [
    'train', 'shapes10', '--model', 'resnet8', '--batch', '16', '--steps', '2', '--milestones', '1',
    '--validate-every', '0', '--hold-out', '0', '--out', run, '--json',
  ]); // biome-ignore format: a command line
  expect([code, JSON.parse(other).steps]).toEqual([0, 2]);
}, 60_000);

describe('a reader that leaves early', () => {
  it('of progress: training goes on', () => expect(existsSync(join(run, 'result.json'))).toBe(true));

  it('of results: they end quietly', async () => {
    expect(await unheard('stdout', ['summary', 'resnet110'])).toEqual({ code: 0, other: '' });
  });
});

describe('resnet runs', () => {
  it('takes a folder of runs and a run', async () => {
    for (const directory of [folder, run]) {
      const { stdout } = await resnet(['runs', directory, '--json']);
      expect(JSON.parse(stdout)).toMatchObject([{ name: 'run', model: 'resnet8', status: 'finished', step: 2 }]);
    }
  });

  it('has why one failed below the table', async () => {
    const other = emptyFolder();
    cpSync(run, join(other, 'broken'), { recursive: true });
    writeFileSync(join(other, 'broken/recipe.json'), 'no JSON');
    const { stdout } = await resnet(['runs', other]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[2]).toMatch(/^broken .* failed +2\/2/);
    expect(lines[3]).toMatch(/^broken: .*must hold JSON/);
  });
});

it.each([
  [['evaluate', '--run', run, '--model', 'resnet20'], /cannot be used with/],
  [['evaluate', '--run', run, '--image-size', '24'], /cannot be used with/],
  [['evaluate', '--run', run, '--crops', '10', '--scales', '32'], /cannot be used with/],
  [['predict', join(folder, 'nothing.jpg'), '--run', run], /nothing\.jpg.*ENOENT/],
  [['predict', 'any.jpg', '--run', run, '--classes', 'cat,dog'], /all 10 classes, got 2/],
  [['export', '--run', run, '--format', 'onnx', '--fold', '--out', join(folder, 'x')], /--fold is for/],
])('%j is a usage error, exit code 2', async (args, message) => {
  const { code, stdout, stderr } = await resnet(args);
  expect(stderr).toMatch(message);
  expect([code, stdout]).toEqual([2, '']);
});
