import type { RunRecord } from '@resnet/analysis';
import { paperError } from '../recipe/paper';
import { loadRun, metricsOf, resultOf } from '../run/saved-run';

/**
 * The measurements of a finished run, named `label`.
 *
 * @throws UsageError for a run that has not finished.
 */
export function runRecord(directory: string, label: string): RunRecord {
  const run = loadRun(directory);
  const { recipe, prepared } = run;
  const result = resultOf(run);
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
    paperError: paperError(recipe, prepared?.classes ?? []),
  };
}
