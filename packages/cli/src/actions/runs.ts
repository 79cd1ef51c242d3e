import { existsSync } from 'node:fs';
import type { ReportTable } from '@resnet/analysis';
import { parseRecipe, type RecipeFile, type RunResult } from '@resnet/experiments';
import { isThere, printable } from '@resnet/files';
import { listRuns, type RunSummary, readRun, runPaths } from '@resnet/trainer/node';
import { UsageError } from '../errors';
import { print, printJson } from '../output';
import { printTable } from '../print-table';

/** `resnet runs`. */
export function runs(directory: string, { json }: { json?: boolean }): void {
  if (!existsSync(directory)) {
    throw new UsageError(
      `runs: ${directory} does not exist. Name a folder of runs; \`resnet train shapes10\` creates the first run.`,
    );
  }
  const found = (isRun(directory) ? [readRun(directory)] : listRuns(directory)).map(describe);
  if (json) printJson(found);
  else if (found.length === 0) print(`No runs in ${directory}. \`resnet train shapes10\` creates the first.`);
  else {
    printTable(tableOf(found));
    for (const { name, error } of found) if (error) print(`${printable(name)}: ${error}`);
  }
}

const isRun = (directory: string): boolean => isThere(runPaths(directory).recipe);

const percent = (value: number | null): string => (value === null ? '–' : (100 * value).toFixed(2));

type Described = ReturnType<typeof describe>;

/** One row per run; failure reasons follow it. */
const tableOf = (found: readonly Described[]): ReportTable => ({
  columns: ['run', 'model', 'seed', 'status', 'step', 'train error (%)', 'validation error (%)', 'test error (%)'],
  rows: found.map((run) => [
    printable(run.name),
    run.model ?? '–',
    run.seed ?? '–',
    run.status,
    `${run.step}/${run.steps ?? '?'}`,
    percent(run.trainError),
    percent(run.validationError),
    percent(run.testError),
  ]),
});

function describe({ name, status, error, step, steps, recipe, result, lastStep, lastValidation, updated }: RunSummary) {
  const finished = result as RunResult | null;
  return {
    name,
    ...identityOf(recipe),
    status,
    error,
    step,
    steps,
    trainError: lastStep?.meanError ?? null,
    validationError: lastValidation?.error ?? null,
    testError: finished?.testError ?? null,
    updated: updated.toISOString(),
  };
}

/** Model and seed of a run; null where its recipe cannot be read. */
function identityOf(saved: unknown): { model: string | null; seed: number | null } {
  try {
    const { model, seed } = parseRecipe((saved as Partial<RecipeFile> | null)?.recipe, 'recipe.json');
    return { model: model.name, seed };
  } catch {
    return { model: null, seed: null };
  }
}
