import { existsSync } from 'node:fs';
import { DivergenceError } from '@resnet/trainer';
import { runPaths } from '@resnet/trainer/node';
import type { OnNote } from '../note';
import { placeOf, type RunPlace } from '../recipe/schema';
import { type RunRecipeOptions, runRecipe } from '../run/run-recipe';
import { asTrained, directoryOf, type PlannedRun } from './planned-run';

/** Where and how planned runs are trained; changes none of their results. */
export interface StudyPlace extends Partial<RunPlace> {
  /** Folder of the run folders. */
  root: string;
  /** Aborting stops the current run with a checkpoint and starts no other. */
  signal?: AbortSignal;
  /** Receives progress lines. */
  onNote?: OnNote;
  /** An operator on the events of each run, such as a progress bar. */
  watch?: RunRecipeOptions['watch'];
}

/** The outcome of training planned runs. */
export interface StudyTraining {
  /** Whether every run finished or diverged; false if the signal stopped one. */
  finished: boolean;
  /** Messages of runs that diverged, by run folder. */
  diverged: ReadonlyMap<string, string>;
}

/**
 * Trains the runs that are not finished, each once, in order; interrupted runs are resumed. If a run diverges, the others are trained
 * all the same.
 */
export async function trainPlanned(planned: readonly PlannedRun[], place: StudyPlace): Promise<StudyTraining> {
  const { root, signal, watch, onNote = () => {} } = place;
  const diverged = new Map<string, string>();
  const distinct = [...new Map(planned.map((one) => [directoryOf(root, one), one]))];
  const missing = distinct.filter(([directory]) => !existsSync(runPaths(directory).result));
  for (const [i, [directory, one]] of missing.entries()) {
    onNote(`run ${i + 1} of ${missing.length}: ${one.label}, seed ${one.recipe.seed}`);
    const { network } = asTrained(root, one);
    const recipe = { ...one.recipe, ...placeOf(place) };
    try {
      const { status } = await runRecipe(recipe, { directory, resume: true, network, onNote, signal, watch });
      if (status === 'stopped') return { finished: false, diverged };
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error;
      diverged.set(directory, `${one.label}, seed ${one.recipe.seed}: ${error.message}`);
      onNote(error.message);
    }
  }
  return { finished: true, diverged };
}
