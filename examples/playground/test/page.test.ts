import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from '../../../tools/chromium';

const root = fileURLToPath(new URL('..', import.meta.url));
const outDir = mkdtempSync(join(tmpdir(), 'playground-'));
const isolating = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

describe.runIf(chromiumPath)('the playground', () => {
  let browser: Browser;
  beforeAll(async () => {
    await build({ root, build: { outDir, emptyOutDir: true }, logLevel: 'error' });
    browser = await launch();
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    rmSync(outDir, { recursive: true });
  });

  const steps = async (page: Page): Promise<number[]> =>
    [...((await page.locator('#status').textContent()) ?? '').matchAll(/step (\d+)/g)].map(([, step]) => Number(step));

  it('takes less than 600 kB, TensorFlow.js included', () => {
    const files = readdirSync(outDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const sizes = files.map(({ parentPath, name }) => gzipSync(readFileSync(join(parentPath, name))).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(600_000);
  });

  it.each([
    ['without isolation, on one thread', {}, false],
    ['isolated', isolating, true],
  ])(
    'trains a plain and a residual net for 50 steps %s, and ends both at a reset',
    async (_, headers, isIsolated) => {
      const server: PreviewServer = await preview({
        root,
        build: { outDir },
        preview: { host: '127.0.0.1', port: 0, headers },
        logLevel: 'error',
      });
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('pageerror', ({ message }) => complaints.push(message));
      try {
        await page.goto(`${server.resolvedUrls!.local[0]}?depth=8&batchSize=8`);
        expect(await page.evaluate(() => crossOriginIsolated)).toBe(isIsolated);
        const netsAt = async (isThere: (step: number) => boolean) => (await steps(page)).filter(isThere).length;
        await expect.poll(() => netsAt((step) => step >= 50), { timeout: 120_000, interval: 500 }).toBe(2);
        await expect.poll(() => page.locator('.heat-strip canvas').first().getAttribute('width')).not.toBe('1');
        await page.getByRole('button', { name: 'Reset' }).click();
        await expect.poll(() => netsAt((step) => step < 50), { timeout: 60_000 }).toBe(2);
        expect(complaints).toEqual([]);
      } finally {
        await page.close();
        await server.close();
      }
    },
    240_000,
  );
});
