import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Recipe, recipes } from '@resnet/experiments';

/** An empty folder that no other test has. */
export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'dashboard-'));

/** A run folder to make. */
export interface MadeRun {
  recipe?: Partial<Recipe>;
  /** Training steps in `metrics.csv`. */
  steps: number;
  /** Validations, every so many steps; 0 for none. */
  validateEvery?: number;
  finished?: boolean;
}

export const header = 'split,step,epoch,loss,error,meanLoss,meanError,rate,top5Error,time\n';

/** Loss, error and rate at a step, by formulas that a test can compute again. */
export const lossAt = (step: number, seed = 0): number => 2.3 / (1 + step / 1000) + 0.1 * Math.sin(step + seed);
export const errorAt = (step: number, seed = 0): number => 0.9 / (1 + step / 2000) + 0.01 * Math.cos(step + seed);

/** Rows of training and validation as a run writes them: a step takes a tenth of a second. */
export function rowsOf(from: number, to: number, { seed = 0, validateEvery = 0 } = {}): string {
  const rows: string[] = [];
  for (let step = from; step <= to; step++) {
    const [loss, error] = [lossAt(step, seed), errorAt(step, seed)];
    rows.push(`train,${step},0,${loss},${error},${loss},${error},${step < 32_000 ? 0.1 : 0.01},,${step / 10}\n`);
    if (validateEvery > 0 && step % validateEvery === 0)
      rows.push(`validation,${step},0,${loss},${error},,,,0.01,${step / 10}\n`);
  }
  return rows.join('');
}

/** Writes a run folder into `root`. */
export function makeRun(
  root: string,
  name: string,
  { recipe = {}, steps, validateEvery = 0, finished = false }: MadeRun,
): string {
  const directory = join(root, name);
  mkdirSync(join(directory, 'checkpoints'), { recursive: true });
  const whole = { ...recipes.get('cifar10')!, ...recipe };
  const save = (file: string, value: unknown) => writeFileSync(join(directory, file), JSON.stringify(value));
  save('recipe.json', { recipe: whole, environment: {} });
  writeFileSync(join(directory, 'metrics.csv'), header + rowsOf(1, steps, { seed: whole.seed, validateEvery }));
  if (finished) {
    save('result.json', {
      model: whole.model.name, shortcut: 'A', parameters: 269_722, steps, seed: whole.seed, trainLoss: 0.1, trainError: 0.02, validationError: null,
      testError: 0.08, testTop5Error: 0, secondsPerStep: 0.1, imagesPerSecond: 1280, backend: 'simd', hardware: 'a machine',
    }); // biome-ignore format: a record
  }
  return directory;
}
