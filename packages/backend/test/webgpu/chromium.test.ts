import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { useBackend } from '@resnet/backend';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from '../../../../tools/chromium';
import { serve } from '../browser/serve';
import { smallResNetTraining } from '../browser/small-resnet';

interface Trained {
  readonly backend: { readonly name: string; readonly device: string };
  readonly losses: readonly number[];
  /** Whether it ran in a page rather than a worker. */
  readonly page: boolean;
}

describe.skipIf(!chromiumPath)('the webgpu backend in Chromium (set CHROMIUM_PATH if this is skipped)', () => {
  let folder: string;
  let url: string;
  let server: Server;
  let browser: Browser;
  let expected: readonly number[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'resnet-webgpu-'));
    const source = (name: string) => fileURLToPath(new URL(`../browser/${name}.ts`, import.meta.url));
    await build({
      entryPoints: { page: source('webgpu-page'), 'webgpu-worker': source('webgpu-worker') },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      outdir: folder,
      logLevel: 'error',
    });
    ({ url, server } = await serve(folder));
    browser = await launch({ webgpu: true });
    await useBackend('cpu');
    expected = await smallResNetTraining();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  it.each([
    ['a page', 'trainHere()', true],
    ['a Web Worker', 'trainInWorker()', false],
  ])(
    'trains in %s with the losses of cpu',
    async (_, call, inPage) => {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      await page.goto(`${url}/plain/`);
      const trained = (await page.evaluate(call)) as Trained;
      await page.close();
      expect(problems).toEqual([]);
      expect(trained).toMatchObject({ backend: { name: 'webgpu', device: 'cpu' }, page: inPage });
      expect(trained.losses).toHaveLength(expected.length);
      trained.losses.forEach((loss, i) => {
        expect(Math.abs(loss / expected[i]! - 1)).toBeLessThan(1e-4);
      });
      expect(trained.losses.at(-1)).toBeLessThan(0.7 * trained.losses[0]!);
    },
    120_000,
  );
});
