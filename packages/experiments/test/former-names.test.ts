import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { useBackend } from '@resnet/backend';
import { describe, expect, it } from 'vitest';
import { evaluateNetwork } from '../src/evaluation/evaluate';
import { networkOfRun } from '../src/evaluation/trained-network';
import { withPresentNames } from '../src/recipe/former-names';
import { loadRecipe, parseRecipe, withSetting } from '../src/recipe/resolve';
import { runRecipe } from '../src/run/run-recipe';
import { loadRun, metricsOf } from '../src/run/saved-run';
import { emptyFolder } from './empty-folder';

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/former-names/${name}`, import.meta.url));

/** Settings that `recipe.yml` says, in present names. */
const present = {
  // `pad` and `variant` were written, and ignored by a net of basic blocks with projections.
  model: { name: 'resnet8', shortcut: 'B', block: 'basic', zeroLastScale: true },
  data: 'shapes10',
  holdOut: 100,
  normalize: 'channel',
  steps: 4,
  batchSize: 8,
  schedule: { kind: 'cosine', base: 0.05, min: 0.001, warmupSteps: 1 },
  warmupUntil: { rate: 0.01, below: 0.99 },
  decay: 'without-norm-and-bias',
  averageDecay: 0.9,
  validateEvery: 2,
  checkpointEvery: 2,
  onDivergence: 'stop',
};

describe('a recipe with former names', () => {
  it('is read from a file, with a note', () => {
    const notes: string[] = [];
    expect(loadRecipe(fixture('recipe.yml'), (line) => notes.push(line))).toMatchObject(present);
    expect(notes).toEqual([expect.stringMatching(/zeroGamma → model\.zeroLastScale.*next release/)]);
  });

  it('is read from a run, with a note, and says the same', () => {
    const notes: string[] = [];
    const { recipe } = loadRun(fixture('finished'), (line) => notes.push(line));
    expect(recipe).toMatchObject(present);
    expect(recipe.model).toEqual(present.model);
    expect(notes).toHaveLength(1);
  });

  it('keeps options that its network honors, and no others', () => {
    const options = { shortcut: 'A', pad: 'split', block: null, variant: 'paper', zeroGamma: true };
    const modelOf = (changes: object) => withPresentNames({ ...options, ...changes }).value.model;
    expect(modelOf({ model: 'resnet20' })).toEqual({ name: 'resnet20', pad: 'split', zeroLastScale: true });
    expect(modelOf({ model: 'resnet50', zeroGamma: false })).toEqual({
      name: 'resnet50',
      shortcut: 'A',
      pad: 'split',
      strideIn: '1x1',
    });
    expect(modelOf({ model: 'plain20', shortcut: 'C' })).toEqual({ name: 'plain20' });
    expect(modelOf({ model: 'resnet20', block: 'preact' })).toEqual({
      name: 'resnet20',
      block: 'preact',
      pad: 'split',
    });
  });

  it('is left as it is where all names are present ones', () => {
    const recipe = loadRecipe('cifar10');
    expect(withPresentNames(recipe)).toEqual({ value: recipe, renames: [] });
    expect(parseRecipe(recipe, 'x')).toEqual(recipe);
  });

  it.each([
    ['shortcut="B"', "It is 'model.shortcut' now"],
    ['normalise=none', "It is 'normalize' now"],
    ['schedule.rate=0.1', "It is 'schedule.base' now"],
  ])('a setting %s is refused with its present name', (setting, message) =>
    expect(() => withSetting(loadRecipe('cifar10'), setting)).toThrow(message),
  );
});

describe('a run folder with former names', () => {
  it('resumes as if nothing had happened', async () => {
    const directory = join(emptyFolder(), 'run');
    cpSync(fixture('interrupted'), directory, { recursive: true });
    const { recipe } = loadRun(directory);
    const outcome = await runRecipe(recipe, { directory, resume: true });
    const expected = JSON.parse(readFileSync(join(fixture('finished'), 'result.json'), 'utf8'));
    expect(outcome).toMatchObject({
      status: 'finished',
      result: { model: 'resnet8', shortcut: 'B', parameters: expected.parameters, steps: 4 },
    });
    // What the version that wrote it measured, had it not been interrupted; another build of the kernels rounds otherwise.
    const [resumed, whole] = [metricsOf(directory), metricsOf(fixture('finished'))];
    expect(resumed.map(({ split, step }) => [split, step])).toEqual(whole.map(({ split, step }) => [split, step]));
    for (const [i, { loss }] of resumed.entries()) expect(loss).toBeCloseTo(whole[i]!.loss, 4);
  }, 120_000);

  it('is evaluated', async () => {
    await useBackend('auto');
    const run = loadRun(fixture('finished'));
    const { top1, images } = await evaluateNetwork(networkOfRun(run));
    expect(images).toBe(2000);
    // One image of 2,000 is 0.0005; rounding may tip two over.
    expect(Math.abs(1 - top1 - run.result!.testError!)).toBeLessThanOrEqual(0.001);
  }, 120_000);
});
