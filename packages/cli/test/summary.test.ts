import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../bin/resnet.js', import.meta.url));
const runIn = (columns: string, ...args: string[]) =>
  spawnSync(process.execPath, [bin, 'summary', ...args], {
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: columns },
  });
const run = (...args: string[]) => runIn('120', ...args);

describe('resnet summary', () => {
  it.each([
    [['resnet20'], { shortcut: 'A', block: 'basic', parameters: 269_722, inputShape: [32, 32, 3] }],
    [['resnet1202', '--shortcut', 'B'], { shortcut: 'B', parameters: 19_424_026 }],
    [['resnet152', '--shortcut', 'C'], { shortcut: 'C', block: 'bottleneck', parameters: 107_335_720 }],
    [['plain34'], { shortcut: 'none', block: 'basic', parameters: 21_623_848, inputShape: [224, 224, 3] }],
    [['resnet20', '--block', 'preact'], { block: 'preact-basic' }],
    // 65 weights a class fewer.
    [
      ['resnet20', '--classes', '2', '--input-shape', '64,48,3'],
      { parameters: 269_722 - 65 * 8, inputShape: [64, 48, 3] },
    ],
  ])('%j prints JSON alone', (args, expected) => {
    const { stdout, status } = run(...args, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ model: args[0], ...expected });
  });

  it('prints a table that ends in the totals', () => {
    const lines = run('resnet50', '--stride-in', '1x1').stdout.trim().split('\n');
    expect(lines[0]).toMatch(/^layer +type +output +parameters +multiply-adds +activation bytes$/);
    expect(lines.at(-1)).toMatch(/^resnet50 +224×224×3 +25,557,032 +3,857,973,248 /);
  });

  it('fits 80 columns', () => {
    const lines = runIn('80', 'resnet152').stdout.trim().split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.at(-1)).toMatch(/^resnet152 +224×224×3 +60,192,808 /);
  });

  it.each([
    [['resnet21'], 'depth must be 6n + 2 for basic blocks, got 21. Try 20 or 26.'],
    [['resnt20'], "no model is called 'resnt20'. Did you mean 'resnet20'?"],
    [['resnet20', '--shortcut', 'D'], 'shortcut must be one of A, B, C, none, got D.'],
    [['resnet20', '--input-shape', '32x32'], 'inputShape must be [height, width, channels]'],
  ])('%j is a usage error', (args, message) => {
    const { stderr, stdout, status } = run(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
