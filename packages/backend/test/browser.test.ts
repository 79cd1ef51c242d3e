import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { useBackend } from '@resnet/backend';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from '../../../tools/chromium';
import { serve } from './browser/serve';
import { smallTraining } from './browser/small-training';

interface Trained {
  readonly backend: { readonly name: string; readonly threads: number; readonly why: string };
  readonly isolated: boolean;
  readonly losses: number[];
}

describe.skipIf(!chromiumPath)('the simd backend in Chromium (set CHROMIUM_PATH if this is skipped)', () => {
  let folder: string;
  let url: string;
  let server: Server;
  let browser: Browser;
  let expected: number[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'resnet-browser-'));
    const page = fileURLToPath(new URL('./browser/page.ts', import.meta.url));
    await build({
      entryPoints: [page],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      outdir: folder,
      logLevel: 'error',
    });
    ({ url, server } = await serve(folder));
    browser = await launch();
    await useBackend('cpu');
    expected = smallTraining();
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  const trainIn = async (path: string): Promise<Trained> => {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${url}/${path}/`);
    const trained = await page.evaluate('trainHere(2)');
    await page.close();
    expect(problems).toEqual([]);
    return trained as Trained;
  };

  const expectLosses = (losses: number[]) => {
    expect(losses).toHaveLength(20);
    losses.forEach((loss, i) => {
      expect(Math.abs(loss / expected[i]! - 1)).toBeLessThan(1e-4);
    });
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  };

  it('trains on two threads in an isolated page, with the losses of Node', async () => {
    const { backend, isolated, losses } = await trainIn('isolated');
    expect(isolated).toBe(true);
    expect(backend).toMatchObject({ name: 'simd', threads: 2 });
    expectLosses(losses);
  });

  it('falls back to one thread without isolation, with the same losses', async () => {
    const { backend, isolated, losses } = await trainIn('plain');
    expect(isolated).toBe(false);
    expect(backend).toMatchObject({ name: 'simd', threads: 1 });
    expectLosses(losses);
  });
});
