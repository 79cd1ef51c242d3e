import type { RunRecord } from '@resnet/analysis';
import { isThere, readTextSync } from '@resnet/files';
import { type MetricsRow, parseMetrics, runPaths } from '@resnet/trainer/node';
import { UsageError } from '../errors';
import { paperError } from '../recipe/paper';
import { type RunResult, resultSchema } from '../run/result';
import { readSaved, savedPreprocessing, savedRecipe } from '../run/run-files';

/** What finished runs measured, under the name that `label` gives them. */
export function runRecord(directory: string, label: string): RunRecord {
  const recipe = savedRecipe(directory);
  const result = resultOf(directory);
  const metrics = metricsOf(directory);
  return {
    name: label,
    seed: recipe.seed,
    parameters: result.parameters,
    steps: result.steps,
    train: metrics.filter(({ split }) => split === 'train'),
    validation: metrics.filter(({ split }) => split === 'validation'),
    testError: result.testError ?? Number.NaN,
    trainError: result.trainError ?? Number.NaN,
    secondsPerStep: result.secondsPerStep ?? Number.NaN,
    paperError: paperError(recipe, savedPreprocessing(directory)?.classes ?? []),
  };
}

/** What a run measured at each iteration and evaluation. */
export const metricsOf = (directory: string): MetricsRow[] => parseMetrics(readTextSync(runPaths(directory).metrics));

/** What the finished run in `directory` says of itself. */
export function resultOf(directory: string): RunResult {
  const { result } = runPaths(directory);
  if (!isThere(result)) {
    throw new UsageError(
      `${directory}: must be a finished run, it has no result.json. Go on with it: resnet train --resume ${directory}`,
    );
  }
  return readSaved(result, resultSchema);
}
