import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipes } from '@resnet/experiments';
import { describe, expect, it } from 'vitest';
import { emptyFolder, resnet } from './command';

const cifar10 = recipes.get('cifar10')!;

describe('resnet compare', () => {
  const root = emptyFolder();
  const record = (model: string, seed: number, testError: number): string => {
    const folder = join(root, `${model}-${seed}`);
    mkdirSync(folder);
    const save = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
    save('recipe.json', { recipe: { ...cifar10, model: { name: model }, seed }, environment: {} });
    save('preprocessing.json', {
      classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
      preprocessing: { imageSize: 32, shorterSide: null, mean: null, std: null },
      trainedOn: null,
    });
    save('result.json', {
      model, shortcut: 'A', parameters: 269_722, steps: 2, seed, trainLoss: 1, trainError: 0.2, validationError: null,
      testError, testTop5Error: 0, secondsPerStep: 0.5, imagesPerSecond: 256, backend: 'simd', hardware: 'a machine',
    }); // biome-ignore format: a record
    writeFileSync(
      join(folder, 'metrics.csv'),
      'split,step,epoch,loss,error,meanLoss,meanError,rate,top5Error\ntrain,1,0,2,0.5,2,0.5,0.1,\ntrain,2,0,1,0.25,1.5,0.375,0.1,\n',
    );
    return folder;
  };
  const plain = [0.1, 0.12].map((error, seed) => record('plain20', seed, error));
  const residual = [0.08, 0.09].map((error, seed) => record('resnet20', seed, error));

  it("gives mean ± std, the difference with its interval, and the paper's error", async () => {
    const out = join(root, 'comparison');
    const { code, stdout } = await resnet(['compare', ...plain, ...residual, '--out', out, '--json']);
    expect(code).toBe(0);
    const [first, second] = JSON.parse(stdout).rows;
    // Mean 0.11, deviation 0.02/√2; mean 0.085, deviation 0.01/√2.
    expect(first).toMatchObject({ name: 'plain20', seeds: [0, 1], paperError: null });
    expect(first.testError.mean).toBeCloseTo(0.11, 12);
    expect(first.testError.std).toBeCloseTo(0.02 / Math.SQRT2, 12);
    expect(second).toMatchObject({ name: 'resnet20', paperError: 0.0875 });
    // Variances 1e-4 and 0.25e-4 of the means: (1.25e-4)² / (1e-8 + 0.0625e-8) = 1.470588 degrees of freedom.
    expect(second.difference.difference).toBeCloseTo(-0.025, 12);
    expect(second.difference.degrees).toBeCloseTo(1.470588, 5);
    expect(readFileSync(join(out, 'curves.svg'), 'utf8')).toContain('resnet20, paper');
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('a machine');
  });

  it('names the next move for a run that has not ended', async () => {
    const folder = join(root, 'started');
    mkdirSync(folder);
    writeFileSync(join(folder, 'recipe.json'), JSON.stringify({ recipe: cifar10, environment: {} }));
    const { code, stderr } = await resnet(['compare', folder]);
    expect(code).toBe(2);
    expect(stderr).toContain('must be a finished run');
    expect(stderr).toContain(`resnet train --resume ${folder}`);
  });

  it('names a result that is damaged', async () => {
    const folder = record('resnet32', 0, 0.1);
    writeFileSync(join(folder, 'result.json'), '{');
    const { code, stderr } = await resnet(['compare', folder]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/result\.json: must hold the JSON/);
  });
});

describe('resnet analyze, recipe, studies', () => {
  it('tell a wrong use from a failure, and what to do', async () => {
    const [analyze, studies] = await Promise.all([
      resnet(['analyze', 'responses']),
      resnet(['studies', '--only', 'degradatio']),
    ]);
    expect([analyze.code, studies.code]).toEqual([2, 2]);
    expect(analyze.stderr).toContain('Pass --run DIR');
    expect(studies.stderr).toContain("Did you mean 'degradation'?");
  });

  it('tell that nothing is left to train on', async () => {
    const { code, stderr } = await resnet([
      'recipe',
      'cifar10',
      '--explain',
      '--hold-out',
      '50000',
      '--time-steps',
      '0',
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/holdOut must leave images to train on, got 50000 of 50000/);
  });

  it('explain the paper’s recipe with the time it takes here', async () => {
    const { code, stdout } = await resnet(['recipe', 'cifar10', '--explain', '--time-steps', '1', '--time-batch', '2']);
    expect(code).toBe(0);
    expect(stdout).toContain('269,722 parameters, 40.55 million multiply-adds');
    expect(stdout).toMatch(/here [\d.]+ s an iteration, about \d+ (min|h|days)/);
  });
});
