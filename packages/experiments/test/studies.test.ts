import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportSection } from '@resnet/analysis';
import { useBackend } from '@resnet/backend';
import type * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from '../../../tools/chromium';
import { endOf } from '../src/findings/moments';
import { sampleOf } from '../src/findings/sample';
import { studies } from '../src/studies/all';
import { asTrained, directoryOf, type PlannedRun } from '../src/studies/planned-run';
import { type Preset, presets } from '../src/studies/preset';
import { trainPlanned } from '../src/studies/train-planned';
import { sectionOf, writeReport } from '../src/studies/write-report';
import { emptyFolder } from './empty-folder';
import { shapesFolder } from './shapes-folder';

const out = process.env.RESNET_STUDIES_OUT ?? emptyFolder();
const root = join(out, 'runs');
const sections = new Map<string, ReportSection>();
let preset: Preset;

const planned = () => studies.flatMap((study) => study.runs(preset));
const train = () => trainPlanned(planned(), { root, backend: 'auto', software: false, threads: null });
const table = (id: string, i: number) => sections.get(id)!.tables[i]!;

/** Error and loss of a run's end on some of its images, from nothing but the network's logits. */
async function measured(label: string, split: 'train' | 'validation') {
  const run = asTrained(root, planned().find((one) => one.label === label)!);
  const { images, labels } = await sampleOf(run, split, preset.images);
  const logits = await (await endOf(run)).with((model) => (model.predict(images) as tf.Tensor2D).arraySync());
  images.dispose();
  const likely = logits.map((row) => row.map((v) => Math.exp(v) / row.reduce((sum, w) => sum + Math.exp(w), 0)));
  const truth = (row: number[], i: number) => row[labels[i]!]!;
  return {
    error: likely.filter((row, i) => Math.max(...row) > truth(row, i)).length / likely.length,
    loss: likely.reduce((sum, row, i) => sum - Math.log(truth(row, i)), 0) / likely.length,
  };
}

beforeAll(async () => {
  preset = {
    ...presets.quick!,
    data: await shapesFolder({ train: 40, test: 20 }),
    steps: 2,
    batchSize: 4,
    milestones: [1],
    holdOut: 10,
    seeds: 1,
    depths: [8, 14],
    depth: 20,
    deep: { model: 'resnet14', batchSize: 4, steps: 2, milestones: [], seeds: 1 },
    images: 16,
    timing: { size: 32, batch: 2 },
  };
  expect((await train()).finished).toBe(true);
  await useBackend('auto');
  for (const study of studies) sections.set(study.id, await sectionOf(study, preset, { root }));
  await writeReport(out, preset, [...sections.values()], 'a test');
}, 600_000);

describe('studies', () => {
  it('trains each run once and none again', async () => {
    const wanted = new Set(planned().map((one) => directoryOf(root, one)));
    expect(readdirSync(root).sort()).toEqual([...wanted].map((path) => path.slice(root.length + 1)).sort());
    const times = [...wanted].map((path) => statSync(join(path, 'result.json')).mtimeMs);
    expect((await train()).finished).toBe(true);
    expect([...wanted].map((path) => statSync(join(path, 'result.json')).mtimeMs)).toEqual(times);
  });

  it('leaves a study open whose run diverged, names the run, and trains the others', async () => {
    const place = { root: join(emptyFolder(), 'runs'), backend: 'auto', software: false, threads: null };
    const study = studies.find(({ id }) => id === 'degradation')!;
    const planned = study.runs(preset);
    const wild: PlannedRun = {
      ...planned[0]!,
      recipe: { ...planned[0]!.recipe, schedule: { kind: 'multistep', base: 1e38, milestones: [], factor: 0.1 } },
    };
    const runs = [wild, planned[1]!];
    const { finished, diverged } = await trainPlanned(runs, place);
    expect([finished, [...diverged.keys()]]).toEqual([true, [directoryOf(place.root, wild)]]);
    expect(existsSync(join(directoryOf(place.root, planned[1]!), 'result.json'))).toBe(true);
    const section = await sectionOf({ ...study, runs: () => runs }, preset, { root: place.root, diverged });
    expect(section.figures).toEqual([]);
    expect(section.conclusion).toEqual([
      'Not analyzed, since these runs did not finish:',
      expect.stringMatching(/^plain8, seed 0: train: .* must stay finite/),
    ]);
  });

  it('says of every study its question, seeds, iterations, hardware and time, and shows a figure', () => {
    for (const { question, protocol, figures, tables, conclusion } of sections.values()) {
      expect(figures.length).toBeGreaterThan(0);
      expect(question).toMatch(/\?$/);
      expect(protocol).toMatch(/seeds 0; 2 iterations of 4 images; .* of training on .*cores/);
      expect(tables.length).toBeGreaterThan(0);
      expect(conclusion.length).toBeGreaterThan(0);
    }
  });

  it('counts option A and the plain net of one depth alike (Must show 2)', () => {
    const [plain, padded, projected] = table('shortcuts', 0).rows;
    // 269,722 is the published count of ResNet-20 with option A; B adds two projections with their normalizations.
    expect(plain!.slice(0, 3)).toEqual(['plain20', '269,722', '40,551,040']);
    expect(padded!.slice(0, 3)).toEqual(['resnet20', '269,722', '40,551,040']);
    expect(projected![1]).toBe('272,474');
    expect(sections.get('shortcuts')!.conclusion[0]).toContain('have the same parameters and multiply-adds');
  });

  it('counts basic and bottleneck ResNet-18', () => {
    const rows = table('bottleneck', 0).rows;
    expect(rows[0]!.slice(0, 2)).toEqual(['resnet18 basic', '11,689,512']);
    expect(rows.map(([name]) => name)).toEqual([
      'resnet18 basic',
      'resnet34 basic',
      'resnet18 bottleneck',
      'resnet34 bottleneck',
    ]);
  });

  it('counts the flattened head: 64 weights a class and pixel of 8 × 8', () =>
    expect(table('pooling', 0).rows.map(([, parameters]) => parameters)).toEqual([
      '269,722',
      (269_722 + 10 * 64 * 63).toLocaleString('en-US'),
    ]));

  it.each(['resnet', 'plain'])('starts a deepened %s where the shallow one ended', async (family) => {
    const { error, loss } = await measured(`${family}8`, 'train');
    const [start] = table('residuals', 1).rows.filter(([name]) => name === `${family}8 deepened to ${family}14`);
    expect(start!.slice(1, 3)).toEqual([0, (100 * error).toFixed(2)]);
    expect(Number(start![3]) / loss).toBeCloseTo(1, 2);
  });

  it('trains a deepened net on at the rate at which its shallow one ended', () => {
    const deepened = studies
      .find(({ id }) => id === 'residuals')!
      .runs(presets.full!)
      .at(-1)!;
    // §4.2: 0.1, divided by 10 at two boundaries.
    expect(deepened.recipe.schedule).toEqual({ kind: 'constant', base: 0.001 });
  });

  it('takes the gap of a head between held-out and training images', async () => {
    for (const [i, label] of ['resnet20', 'resnet20 flattened'].entries()) {
      const [train, validation] = [await measured(label, 'train'), await measured(label, 'validation')];
      const errors = [train.error, validation.error, validation.error - train.error];
      expect(table('pooling', 1).rows[i]).toEqual([label, 1, ...errors.map((error) => (100 * error).toFixed(2))]);
    }
  });

  it('says how long the warm-up lasted', () =>
    expect(sections.get('learning-rate')!.conclusion[1]).toMatch(/^resnet14 warm-up, seed 0, kept the rate of 0.01/));

  it('measures every 3×3 layer of the zoo: the first, and two a block', () =>
    expect(table('responses', 0).rows.map((row) => row.slice(0, 3))).toEqual([
      ['plain8', 2, 7],
      ['plain14', 2, 13],
      ['resnet8', 2, 7],
      ['resnet14', 2, 13],
    ]));

  it('answers in epochs', () =>
    expect(sections.get('learning-rate')!.conclusion[0]).toBe(
      '64,000 iterations of 128 images are 163.84 epochs of 50,000 images, 182.04 of 45,000.',
    ));

  it('starts zero-gamma branches at zero', () => {
    const rows = table('residuals', 0).rows;
    expect(rows.find(([name, step]) => name === 'resnet14 zero-gamma' && step === 0)![2]).toBe('0');
  });
});

/** WCAG 2's relative luminance of `rgb(r, g, b)`. */
function luminance(color: string): number {
  const [r, g, b] = [...color.matchAll(/\d+/g)].map(([channel]) => {
    const share = Number(channel) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

describe('REPORT.html (Must show 3)', () => {
  it.skipIf(!chromiumPath).each([1280, 400])(
    'opens at %i pixels without error, network or sideways scrolling',
    async (width) => {
      const browser = await launch();
      try {
        const page = await browser.newPage({ viewport: { width, height: 900 } });
        const troubles: string[] = [];
        page.on('pageerror', (error) => troubles.push(String(error)));
        page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
        page.on('request', (request) => /^(file|data):/.test(request.url()) || troubles.push(request.url()));
        await page.goto(`file://${join(out, 'REPORT.html')}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        const figures = await page.$$eval('figure svg.resnet-figure', (all) =>
          all
            .filter((svg) => svg.getBoundingClientRect().width > 0)
            .map((svg) => ({
              title: svg.getAttribute('aria-label'),
              scale: svg.getBoundingClientRect().width / Number(svg.getAttribute('width')),
              texts: [...svg.querySelectorAll('text')].map((text) => text.textContent),
              axes: ['x', 'y'].map((axis) => svg.querySelector(`[aria-label="${axis}-axis label"]`)?.textContent),
              names: svg.querySelectorAll('[aria-label="y-axis tick label"] text').length,
              pictures: svg.querySelectorAll('image').length,
            })),
        );
        expect(figures.length).toBe([...sections.values()].reduce((sum, { figures: all }) => sum + all.length, 0));
        for (const { title, scale, texts, axes, names, pictures } of figures) {
          expect(title).toBeTruthy();
          expect(texts.length).toBeGreaterThan(3);
          // Bars are named one by one; pictures have captions.
          if (pictures === 0) expect([axes[0], axes[1] || names > 0].every(Boolean)).toBe(true);
          // Letters of 12 pixels stay as large as they are.
          expect(scale).toBeGreaterThan(0.95);
        }
        expect(troubles).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );

  it.skipIf(!chromiumPath).each(['light', 'dark'] as const)('is readable in %s', async (colorScheme) => {
    const browser = await launch();
    try {
      const page = await browser.newPage({ colorScheme });
      await page.goto(`file://${join(out, 'REPORT.html')}`);
      const colors = await page.evaluate(() => {
        const { color, backgroundColor } = getComputedStyle(document.body);
        const ofFigures = [...document.querySelectorAll('.resnet-figure')].flatMap((svg) => {
          const paper = getComputedStyle(svg.querySelector('.paper')!).fill;
          return [...svg.querySelectorAll('text')].map((text) => [getComputedStyle(text).fill, paper]);
        });
        return [[color, backgroundColor], ...ofFigures];
      });
      expect(colors.length).toBeGreaterThan(100);
      for (const [ink, paper] of colors) {
        // WCAG's 4.5 for text.
        expect(contrast(ink!, paper!)).toBeGreaterThan(4.5);
        expect(luminance(paper!) < 0.5).toBe(colorScheme === 'dark');
      }
    } finally {
      await browser.close();
    }
  });

  it('holds no outside address', () => {
    const html = readFileSync(join(out, 'REPORT.html'), 'utf8');
    expect(html.replaceAll('http://www.w3.org', '')).not.toMatch(/(src|href)="https?:/);
  });
});
