import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Dashboard, exportDashboard, startDashboard } from '@resnet/dashboard';
import { parseMetrics } from '@resnet/trainer/node';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from '../../../tools/chromium';
import { emptyFolder, makeRun } from './made-runs';

const command = fileURLToPath(new URL('../../cli/bin/resnet.js', import.meta.url));
const token = 'a-token-that-stays-when-the-server-restarts'.slice(0, 32);

/** The command trains in a process of its own, as somebody at a terminal would. */
function trains(out: string, steps: number): ChildProcess & { ended: Promise<number | null> } {
  const child = spawn(
    process.execPath,
    [command, 'train', 'shapes10', '--model', 'resnet8', '--batch-size', '8', '--hold-out', '100', '--validate-every', `${Math.min(steps, 20)}`,
      '--steps', `${steps}`, '--milestones', `${steps - 1}`, '--rate', '0.01', '--backend', 'simd', '--threads', '1', '--out', out],
    { stdio: 'ignore' },
  ); // biome-ignore format: a command line
  return Object.assign(child, { ended: new Promise<number | null>((resolve) => child.on('close', resolve)) });
}

describe.runIf(chromiumPath)('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  let root: string;
  let dashboard: Dashboard;
  let page: Page;
  let complaints: string[];
  beforeEach(async () => {
    root = emptyFolder();
    dashboard = await startDashboard({ directory: root, port: 0, token, interval: 100 });
    page = await browser.newPage();
    complaints = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(async () => {
    await page.close();
    await dashboard.close();
  });

  const cells = (run: string) => page.locator('.runs tr', { hasText: run }).locator('td').allTextContents();
  const metricsOf = (run: string) => parseMetrics(readFileSync(join(root, run, 'metrics.csv'), 'utf8'));

  /** What a screen reader hears of a chart at its last step. */
  async function lastValues(title: string): Promise<string> {
    const chart = page.getByRole('region', { name: title, exact: true });
    await chart.locator('.chart-plot').focus();
    for (let i = 0; i < 12; i++) await page.keyboard.press('PageDown');
    return (await chart.locator('.chart-said').textContent())!;
  }

  it('follows a run that trains in another process from its first step to its end, values as in metrics.csv', async () => {
    await page.goto(dashboard.url);
    await page.getByText('No runs yet').waitFor();
    const run = trains(join(root, 'live'), 60);
    await page.locator('.runs tr', { hasText: 'live' }).getByText('running').waitFor({ timeout: 60_000 });
    await page.getByRole('region', { name: 'Error', exact: true }).waitFor();
    expect(await run.ended).toBe(0);
    await page.locator('.runs tr', { hasText: 'live' }).getByText('finished').waitFor();
    await page.getByText('60 of 60').waitFor();
    const rows = metricsOf('live');
    const last = rows.findLast(({ split }) => split === 'train')!;
    const validation = rows.findLast(({ split }) => split === 'validation')!;
    const four = (value: number) => String(Number(value.toPrecision(4)));
    expect((await cells('live')).slice(3, 5)).toEqual(
      [last.error, validation.error].map((error) => `${four(100 * error)}\u00a0%`),
    );
    const said = await lastValues('Loss');
    expect(said).toBe(`step 60, live, training ${four(last.loss)}, live, validation ${four(validation.loss)}`);
    await expect.poll(() => page.locator('td', { hasText: 'triangle' }).count()).toBeGreaterThan(0);
    expect(
      await page
        .locator('img.samples')
        .evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
    ).toBeGreaterThan(100);
    expect(complaints).toEqual([]);
  }, 120_000);

  it('goes on when the server starts again, with what came meanwhile', async () => {
    makeRun(root, 'first', { steps: 10 });
    await page.goto(dashboard.url);
    await page.getByText('first', { exact: true }).first().waitFor();
    const { port } = dashboard;
    await dashboard.close();
    await page.getByText('does not answer').waitFor();
    makeRun(root, 'second', { steps: 10 });
    dashboard = await startDashboard({ directory: root, port, token, interval: 100 });
    await page.getByText('second', { exact: true }).first().waitFor({ timeout: 30_000 });
    await page.getByText('live', { exact: true }).waitFor();
  }, 60_000);

  it('compares runs: settings that differ, seeds as one line with their range, lines hidden and zoomed by keyboard', async () => {
    for (const seed of [0, 1]) makeRun(root, `resnet-${seed}`, { steps: 100, recipe: { seed } });
    makeRun(root, 'plain-0', { steps: 100, recipe: { model: { name: 'plain20' } } });
    await page.goto(dashboard.url);
    const differing = page.getByRole('region', { name: 'In what the recipes differ' });
    await differing.getByText('model.name').waitFor();
    expect(await differing.locator('tbody tr').first().locator('td').allTextContents()).toEqual([
      'model.name',
      'plain20',
      'resnet20',
      'resnet20',
    ]);
    const chart = page.getByRole('region', { name: 'Error', exact: true });
    expect(await chart.locator('.chart-legend button').count()).toBe(3);
    await page.getByLabel('group seeds').check();
    await chart.getByText('resnet20, training (2 seeds)').waitFor();
    const button = chart.locator('.chart-legend button').first();
    await button.click();
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    await page.getByLabel('log axis').check();
    await page.getByLabel('across').selectOption('time');
    expect(await lastValues('Error')).toMatch(/^10 s, /);
    await page.keyboard.press('+');
    await page.keyboard.press('0');
    expect(complaints).toEqual([]);
  }, 60_000);

  it('stops a run, once that is confirmed: a checkpoint is written', async () => {
    const run = trains(join(root, 'long'), 100_000);
    await page.goto(dashboard.url);
    const stop = page.getByRole('button', { name: 'Stop long' });
    await stop.click({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Let it train' }).click();
    expect(existsSync(join(root, 'long', 'stop'))).toBe(false);
    await stop.click();
    await page.getByRole('button', { name: 'Stop the run' }).click();
    await page.getByText('long stops after its step').waitFor();
    expect(await run.ended).not.toBe(0);
    expect(readdirSync(join(root, 'long', 'checkpoints')).length).toBeGreaterThan(0);
    await page.locator('.runs tr', { hasText: 'long' }).getByText('interrupted').waitFor();
  }, 120_000);

  it('opens an export from a file, without a server', async () => {
    makeRun(root, 'kept', { steps: 2000, validateEvery: 100, finished: true });
    const file = await exportDashboard({ directory: root, out: join(emptyFolder(), 'out') });
    await page.goto(`file://${file}`);
    await page.locator('.u-wrap').first().waitFor();
    expect((await cells('kept')).slice(1, 3)).toEqual(['finished', expect.stringContaining('2,000 of 64,000')]);
    expect(complaints).toEqual([]);
  });

  it.each([400, 1280])('is no wider than a screen of %i pixels', async (width) => {
    await page.setViewportSize({ width, height: 800 });
    for (const seed of [0, 1, 2])
      makeRun(root, `a-run-with-a-name-that-is-rather-long-${seed}`, { steps: 50, recipe: { seed } });
    await page.goto(dashboard.url);
    await page.locator('.u-wrap').first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });
});
