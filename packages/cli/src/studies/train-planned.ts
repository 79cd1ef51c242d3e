import { existsSync } from 'node:fs';
import { runPaths } from '@resnet/trainer/node';
import { note } from '../output';
import { runTraining } from '../training/run-training';
import { asTrained, directoryOf, type PlannedRun } from './planned-run';

/** Where and on what planned runs are trained; neither changes what they compute. */
export interface Place {
  root: string;
  backend: string;
  threads: number | null;
}

/**
 * Trains what is not there yet, each run once, in order; interrupted ones go on where they stopped.
 *
 * @returns The exit code: not 0 where a signal stopped it.
 */
export async function trainPlanned(planned: readonly PlannedRun[], { root, backend, threads }: Place): Promise<number> {
  const distinct = [...new Map(planned.map((one) => [directoryOf(root, one), one]))];
  const missing = distinct.filter(([directory]) => !existsSync(runPaths(directory).result));
  for (const [i, [directory, one]] of missing.entries()) {
    note(`run ${i + 1} of ${missing.length}: ${one.label}, seed ${one.recipe.seed}`);
    const { network } = asTrained(root, one);
    const recipe = { ...one.recipe, backend, threads };
    const { exitCode } = await runTraining({ recipe, directory, resume: true, network });
    if (exitCode !== 0) return exitCode;
  }
  return 0;
}
