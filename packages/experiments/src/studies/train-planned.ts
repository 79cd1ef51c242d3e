import { existsSync } from 'node:fs';
import { DivergenceError } from '@resnet/trainer';
import { runPaths } from '@resnet/trainer/node';
import type { OnNote } from '../note';
import { runTraining } from '../run/run-recipe';
import { asTrained, directoryOf, type PlannedRun } from './planned-run';

/** Where and on what planned runs are trained; neither changes what they compute. */
export interface Place {
  root: string;
  backend: string;
  threads: number | null;
  /** Hears what is said on the way. */
  onNote?: OnNote;
}

/** How the training of planned runs ended. */
export interface Trained {
  /** Not 0 where a signal stopped it. */
  exitCode: number;
  /** Runs that diverged, by folder, and the error's words. */
  diverged: ReadonlyMap<string, string>;
}

/**
 * Trains what is not there yet, each run once, in order; interrupted ones go on where they stopped. A run that diverges does not
 * keep the others from being trained.
 */
export async function trainPlanned(
  planned: readonly PlannedRun[],
  { root, backend, threads, onNote = () => {} }: Place,
): Promise<Trained> {
  const diverged = new Map<string, string>();
  const distinct = [...new Map(planned.map((one) => [directoryOf(root, one), one]))];
  const missing = distinct.filter(([directory]) => !existsSync(runPaths(directory).result));
  for (const [i, [directory, one]] of missing.entries()) {
    onNote(`run ${i + 1} of ${missing.length}: ${one.label}, seed ${one.recipe.seed}`);
    const { network } = asTrained(root, one);
    const recipe = { ...one.recipe, backend, threads };
    try {
      const { exitCode } = await runTraining({ recipe, directory, resume: true, network, onNote });
      if (exitCode !== 0) return { exitCode, diverged };
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error;
      diverged.set(directory, `${one.label}, seed ${one.recipe.seed}: ${error.message}`);
      onNote(error.message);
    }
  }
  return { exitCode: 0, diverged };
}
