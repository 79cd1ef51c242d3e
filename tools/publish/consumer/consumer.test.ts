import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from '../../chromium';
import { packAll, publishedFolders } from '../pack.js';

import { trainBriefly } from './browser/step';
import { addSources, compile, installInto, runInProject } from './project';

// A project of somebody else's: all packages as they would be uploaded, installed by npm.

const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
let names: string[];

beforeAll(() => {
  const tarballs = packAll(folder);
  installInto(
    folder,
    tarballs.map(({ file }) => file),
  );
  names = addSources(folder);
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** What each example must say; by hand, from its source. */
const expected = {
  analysis: [2, 1, 'PNG'],
  augment: [2, 1, 4, 3],
  backend: ['simd', 2, 4 * 4 + 4 * 6 + 9],
  blocks: [[8, 2], 1],
  charts: [[2, 2.5], '8.75\u00a0%'],
  dashboard: [true, true],
  data: [
    [2, 1],
    [1, 1],
  ],
  distributed: ['Open MPI', true],
  experiments: ['shapes10', 'resnet20', 300],
  files: ['whole', 1],
  models: [269_722, [16, 3, 3, 3]],
  safetensors: [[1, 2], 1, 2],
  schedulers: ['0.100', '0.010'],
  trainer: [3, 1],
};

const runExamples = (extension: '.mjs' | '.cjs'): unknown => {
  const output = runInProject(folder, 'run-examples.mjs', [extension, ...names]);
  const lines = output.split('\n').filter((line) => line.startsWith('['));
  return Object.fromEntries(lines.map((line) => JSON.parse(line) as [string, unknown]));
};

it('every package but the command has an example', () => {
  expect([...names, 'cli'].sort()).toEqual(publishedFolders.map((path) => path.replace('packages/', '')).sort());
});

describe('in TypeScript', () => {
  it('examples compile as ESM and CommonJS (node16)', () => {
    const files = names.flatMap((name) => [`${name}.mts`, `${name}.cts`]);
    expect(compile(folder, 'node16', files, true)).toBe('');
  });

  it('examples and the page compile for a bundler, a wrong type does not', () => {
    writeFileSync(join(folder, 'wrong.mts'), "import { basic } from '@resnet/blocks';\nbasic('16');\n");
    const complaints = compile(folder, 'esnext', [...names.map((name) => `${name}.mts`), 'page.ts', 'wrong.mts']);
    expect(complaints.match(/error TS\d+: .*/g)).toEqual([
      "error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.",
    ]);
  });
});

describe('in Node, without network', () => {
  it('who listens or connects is stopped', () => {
    writeFileSync(
      join(folder, 'listens.mjs'),
      "import { createServer } from 'node:http';\ncreateServer().listen(0);\n",
    );
    writeFileSync(join(folder, 'connects.mjs'), "import { connect } from 'node:net';\nconnect(1, '127.0.0.1');\n");
    expect(() => runInProject(folder, 'listens.mjs', [])).toThrow('no-network: Error: listens');
    expect(() => runInProject(folder, 'connects.mjs', [])).toThrow('no-network: Error: connects');
  });

  it('the example of every package runs as ESM', () => {
    expect(runExamples('.mjs')).toEqual(expected);
  });

  it('the example of every package runs as CommonJS', () => {
    expect(runExamples('.cjs')).toEqual(expected);
  });

  it('the command trains, and writes a result', () => {
    const command = join(folder, 'node_modules/.bin/resnet');
    runInProject(folder, command, ['train', 'shapes10', '--model', 'resnet8', '--steps', '2', '--out', 'run']);
    expect(JSON.parse(readFileSync(join(folder, 'run/result.json'), 'utf8'))).toMatchObject({
      model: 'resnet8',
      steps: 2,
    });
  });
});

describe('in a bundle by Vite', () => {
  beforeAll(() => build({ root: folder, logLevel: 'error', configFile: false }), 120_000);

  it.skipIf(!chromiumPath)('a page trains on two threads, as Node does on the cpu backend', async () => {
    const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
    const server = await preview({ root: folder, configFile: false, preview: { port: 0, headers } });
    const browser = await launch();
    const page = await browser.newPage();
    await page.goto(server.resolvedUrls!.local[0]!);
    const trained = (await page.evaluate("trainBriefly('simd')")) as Awaited<ReturnType<typeof trainBriefly>>;
    await browser.close();
    await server.close();
    const { losses, tensors, functions } = await trainBriefly('cpu');
    expect(trained).toMatchObject({ name: 'simd', threads: 2, tensors, functions });
    expect(trained.losses.map((loss, i) => Math.abs(loss / losses[i]! - 1) < 1e-4)).toEqual([true, true, true]);
  });
});
