import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'resnet-cli-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const resnet = (...args: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL('../bin/resnet.js', import.meta.url)), 'data', ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, RESNET_CACHE: join(folder, 'cache') },
  });

describe('resnet data', () => {
  it('info prints what a data set holds as JSON only', () => {
    const { stdout, status } = resnet('info', 'shapes10', '--statistics', '--json');
    expect(status).toBe(0);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ kind: 'shapes10', shape: [32, 32, 3], cached: null });
    expect(found.splits).toEqual({
      train: { images: 10_000, perClass: Array(10).fill(1000) },
      test: { images: 2000, perClass: Array(10).fill(200) },
    });
    expect(found.statistics.mean.length).toBe(3);
  });

  it('info prints lines for people', () => {
    const { stdout, status } = resnet('info', 'shapes10');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^train +10,000 images, 1000 a class$/m);
  });

  it('info shows control characters of names instead of sending them to the terminal', async () => {
    const strange = (...path: string[]) => join(folder, 'strange', ...path);
    for (const name of ['cat\u001b[2J', 'dog\nimages 0', 'emu\u009b1m', 'fox\u202egpj']) {
      mkdirSync(strange(name), { recursive: true });
      await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } }).toFile(strange(name, '0.png'));
    }
    expect(resnet('info', 'strange').stdout).toContain(
      String.raw`4: cat\u{1b}[2J, dog\u{a}images 0, emu\u{9b}1m, fox\u{202e}gpj`,
    );
    writeFileSync(strange('cat\u001b[2J', '1.png'), 'text');
    const { stderr } = resnet('info', 'strange');
    expect(stderr).toContain(String.raw`cat\u{1b}[2J/1.png: must be a PNG`);
    expect(stderr).not.toContain('\u001b');
  });

  it('preview draws a PNG grid', () => {
    const { stdout, status } = resnet('preview', 'shapes10', '--augment', 'cifar', '--rows', '2', '--out', 'grid.png');
    expect([status, stdout]).toEqual([0, 'grid.png\n']);
    const bytes = readFileSync(join(folder, 'grid.png'));
    expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
    // Nine pictures of 96 and a gap of 4 beside the names; two rows below the headings.
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(900);
    expect(bytes.readUInt32BE(20)).toBeGreaterThan(200);
  });

  it('preview writes the format that the name says', () => {
    expect(resnet('preview', 'shapes10', '--rows', '1', '--out', 'grid.jpg').status).toBe(0);
    expect([...readFileSync(join(folder, 'grid.jpg')).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  });

  it('check lists all images that are broken, and what is no image', async () => {
    const damaged = (...path: string[]) => join(folder, 'damaged', ...path);
    for (const name of ['cat', 'dog']) {
      mkdirSync(damaged('train', name), { recursive: true });
      await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } }).toFile(
        damaged('train', name, '0.png'),
      );
    }
    expect(resnet('check', 'damaged')).toMatchObject({ status: 0, stdout: '2 images, 0 broken\n' });
    writeFileSync(damaged('train', 'cat', '1.jpg'), '');
    writeFileSync(damaged('train', 'dog', '2.png'), readFileSync(damaged('train', 'dog', '0.png')).subarray(0, 60));
    writeFileSync(damaged('train', 'dog', '3.bmp'), 'BM');
    const { status, stdout } = resnet('check', 'damaged');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^\S*cat\/1\.jpg: a file that starts like none of these\n\S*dog\/2\.png: a damaged one/);
    expect(stdout).toMatch(/cannot be read as images: 1 \.bmp\n4 images, 2 broken\n$/);
    expect(JSON.parse(resnet('check', 'damaged', '--json').stdout)).toMatchObject({
      images: 4,
      otherFiles: { bmp: 1 },
    });
    expect(resnet('info', 'damaged').stderr).toMatch(
      /1\.jpg: must be .* `resnet data check` lists all such images\.\n$/,
    );
  });

  it.each([
    [['info', 'nowhere'], 2, /nowhere: must be a folder, .* got nothing there/],
    [['info', 'cifar10'], 2, /Run `resnet data download cifar10`/],
    [['download', 'mnist'], 2, /name must be one of cifar10, cifar100, got 'mnist'/],
    [['download', 'cifar10', '--url', 'http://127.0.0.1:9/x'], 1, /put the file at .*cifar-10-binary\.tar\.gz by hand/],
    [['preview', 'shapes10', '--out', 'grid.gif'], 2, /--out must end in \.png, \.jpg or \.webp, got grid\.gif/],
    [['preview', 'shapes10'], 2, /required option '--out <file>'/],
    [['preview', 'shapes10', '--augment', 'nonsense', '--out', 'x.png'], 1, /has no nonsense/],
  ])('%j ends with code %i and says why', (args, code, message) => {
    const { stderr, status } = resnet(...args);
    expect(status).toBe(code);
    expect(stderr).toMatch(message);
  });
});
