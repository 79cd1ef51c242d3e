import { copyFileSync, cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { useBackend } from '@resnet/backend';
import { createModel, toStandardLayers } from '@resnet/models';
import { modelFileHandler } from '@resnet/models/node';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from '../../../tools/chromium';
import { type Classification, loadClassifier } from '../src/classifier';
import { toMetadata } from '../src/weights/metadata';
import { emptyFolder } from './empty-folder';

// A page built by Vite classifies what `resnet export --format tfjs` wrote, as Node does.
describe.skipIf(!chromiumPath)('a page in Chromium (set CHROMIUM_PATH if this is skipped)', () => {
  const folder = emptyFolder();
  const model = join(folder, 'dist', 'model');
  let server: PreviewServer;
  let browser: Browser;

  beforeAll(async () => {
    await useBackend('simd');
    cpSync(resolve(import.meta.dirname, 'classifier-page'), folder, { recursive: true });
    // As in a project of one's own: packages are found by their manifests, and those name a file for browsers.
    symlinkSync(resolve(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'));
    await build({ root: folder, configFile: false, logLevel: 'error' });
    const network = toStandardLayers(createModel('resnet8', { classes: 3, seed: 3 }));
    const preprocessing = { imageSize: 32, shorterSide: 37, mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.25] };
    network.setUserDefinedMetadata(
      toMetadata({ model: { name: 'resnet8' }, classes: ['cat', 'dog', 'emu'], preprocessing }),
    );
    mkdirSync(model, { recursive: true });
    await network.save(modelFileHandler(model));
    const [width, height] = [61, 47];
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return 128 + 127 * Math.sin(x * (0.1 + (i % 3) / 9) + y * y * 0.01);
    });
    const raw = { width, height, channels: 3 } as const;
    await sharp(data, { raw }).jpeg({ quality: 90 }).toFile(join(folder, 'photo.jpg'));
    copyFileSync(join(folder, 'photo.jpg'), join(folder, 'dist', 'photo.jpg'));
    server = await preview({
      root: folder,
      configFile: false,
      logLevel: 'error',
      preview: { host: '127.0.0.1', port: 0 },
    });
    browser = await launch();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it('gives the probabilities that Node gives, whatever form the picture has', async () => {
    const classifier = await loadClassifier(model);
    const expected = await classifier.classify(join(folder, 'photo.jpg'));
    expect(expected.map(({ label }) => label).sort()).toEqual(['cat', 'dog', 'emu']);

    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(server.resolvedUrls!.local[0]!);
    await page.waitForFunction('window.classifyHere');
    const found = (await page.evaluate('classifyHere("./photo.jpg")')) as Record<string, Classification[]>;
    expect(problems).toEqual([]);
    expect(Object.keys(found)).toEqual(['url', 'blob', 'bitmap', 'element', 'data']);
    for (const [form, classes] of Object.entries(found)) {
      expect(
        classes.map(({ label }) => label),
        form,
      ).toEqual(expected.map(({ label }) => label));
      classes.forEach(({ probability }, i) => {
        expect(Math.abs(probability - expected[i]!.probability), form).toBeLessThan(1e-4);
      });
    }
  }, 120_000);
});
