import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shapes10 } from '@resnet/data';
import sharp from 'sharp';
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
    'train', 'shapes10', '--model', 'resnet8', '--batch-size', '16', '--steps', '2', '--milestones', '1',
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
    expect(lines.at(-2)).toMatch(/^broken .* failed +2\/2/);
    expect(lines.at(-1)).toMatch(/^broken: .*must hold JSON/);
    expect(lines.slice(0, -1).filter((line) => line.length > 80)).toEqual([]);
  });
});

describe('resnet analyze evaluation', () => {
  const { classes } = shapes10({ split: 'test' });
  const folderOf = async (names: readonly string[]) => {
    const root = emptyFolder();
    for (const [i, name] of names.entries()) {
      for (const split of ['train', 'val']) {
        mkdirSync(join(root, split, name), { recursive: true });
        const image = sharp({
          create: { width: 48 + i, height: 40, channels: 3, background: { r: 20 * i, g: 90, b: 60 } },
        });
        await image.toFile(join(root, split, name, 'one.png'));
      }
    }
    return root;
  };

  it('takes any folder of images: of another size, and with a val split alone', async () => {
    const data = await folderOf(classes);
    const { code, stdout, stderr } = await resnet([
      'analyze', 'evaluation', '--run', run, '--data', data, '--scales', '40', '--json',
    ]); // biome-ignore format: a command line
    expect([code, stderr]).toEqual([0, expect.anything()]);
    const ways: { name: string; scored: { label: number; probabilities: number[] }[] }[] = JSON.parse(stdout);
    expect(ways.map(({ name }) => name)).toEqual(['single view', '10 crops', 'scales 40']);
    for (const { scored } of ways) {
      expect(scored.map(({ label }) => label)).toEqual(classes.map((_, i) => i));
      for (const { probabilities } of scored) expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    }
  });

  it('wants the classes that the run was trained for', async () => {
    const { code, stderr } = await resnet([
      'analyze',
      'evaluation',
      '--run',
      run,
      '--data',
      await folderOf(['cat', 'dog']),
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/must have the network's 10 classes, got 2/);
  });
});

it('what needs a finished run says how it is finished', async () => {
  const started = join(emptyFolder(), 'started');
  cpSync(run, started, { recursive: true });
  for (const name of ['weights.safetensors', 'checkpoints']) rmSync(join(started, name), { recursive: true });
  for (const kind of ['evaluation', 'responses']) {
    const { code, stderr } = await resnet(['analyze', kind, '--run', started]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`resnet train --resume ${started}`)]);
  }
});

it.each([
  ['--lr', /--rate <number>/],
  ['--device', /--backend <name>/],
  ['--weight-decay', /--set weightDecay=/],
])('a flag of other trainers gets a hint: %s', async (flag, hint) => {
  const { code, stderr } = await resnet(['train', 'cifar10', flag, '1']);
  expect(code).toBe(2);
  expect(stderr).toMatch(hint);
});

it('resnet recipe takes the steps and settings of resnet train', async () => {
  const args = ['recipe', 'cifar10', '--steps', '100', '--set', 'schedule.factor=0.2'];
  const { stdout, stderr } = await resnet(args);
  // 32,000 and 48,000 of 64,000.
  expect(JSON.parse(stdout)).toMatchObject({ steps: 100, schedule: { milestones: [50, 75], factor: 0.2 } });
  expect(stderr).toMatch(/milestones 32000, 48000 of 64000 steps become 50, 75 of 100/);
  const explained = await resnet([...args, '--explain', '--time-steps', '0', '--backend', 'cpu']);
  expect(explained.stdout).toMatch(/0\.02 from iteration 50 .*; the end is iteration 100/);
});

it('a checkpoint of several networks is read by its key', async () => {
  const several = fileURLToPath(new URL('./fixtures/several.pth', import.meta.url));
  const args = ['export', '--model', 'resnet8', '--weights', several, '--format', 'safetensors', '--out'];
  const refused = await resnet([...args, join(folder, 'none')]);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/got "teacher", "student"\. Set key to one of them\.\nFlag: --key <path>/),
  ]);
  const [teacher, student] = await Promise.all(
    ['teacher', 'student'].map(async (key) => {
      const out = join(folder, `${key}.safetensors`);
      expect(await resnet([...args, out, '--key', key])).toMatchObject({ code: 0 });
      return readFileSync(out);
    }),
  );
  expect(teacher!.length).toBe(student!.length);
  expect(teacher!.equals(student!)).toBe(false);
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
