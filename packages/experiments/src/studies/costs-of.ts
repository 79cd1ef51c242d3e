import type { RunRecord } from '@resnet/analysis';
import { type Cost, costOf } from '../findings/costs';
import type { TrainedRun } from '../findings/trained-run';
import { loadRun, preparedOf } from '../run/saved-run';

/** Costs of the networks of some runs, one per label, in order; the time is the median of the first run's steps. */
export async function costsOf(runs: readonly TrainedRun[], records: readonly RunRecord[]): Promise<Cost[]> {
  const labels = [...new Set(runs.map(({ label }) => label))];
  const costs: Cost[] = [];
  for (const label of labels) {
    const run = runs.find((one) => one.label === label)!;
    const model = await run.network(
      run.recipe,
      preparedOf(loadRun(run.directory)).classes.length,
      run.recipe.imageSize,
    );
    costs.push(costOf(label, model, records.find(({ name }) => name === label)!.secondsPerStep));
    model.dispose();
  }
  return costs;
}
