import { existsSync } from 'node:fs';
import { DivergenceError } from '@resnet/trainer';
import { runPaths } from '@resnet/trainer/node';
import type { OnNote } from '../note';
import type { RunPlace } from '../recipe/schema';
import { type RunRecipeOptions, runRecipe } from '../run/run-recipe';
import { asTrained, directoryOf, type PlannedRun } from './planned-run';

/** Where planned runs are trained; nothing of it changes what they compute. */
export interface StudyPlace extends Pick<RunPlace, 'backend' | 'software' | 'threads'> {
  /** Folder of the run folders. */
  root: string;
  /** Aborted: the current run stops with a checkpoint, and no other starts. */
  signal?: AbortSignal;
  /** Receives progress lines. */
  onNote?: OnNote;
  /** Watches the events of each run's training. */
  watch?: RunRecipeOptions['watch'];
}

/** How the training of planned runs ended. */
export interface StudyTraining {
  /** Whether every run ended, by itself or by diverging; false where the signal stopped one. */
  finished: boolean;
  /** Runs that diverged, by folder, and the error's words. */
  diverged: ReadonlyMap<string, string>;
}

/**
 * Trains what is not there yet, each run once, in order; interrupted runs are resumed. A run that diverges does not keep the others
 * from being trained.
 */
export async function trainPlanned(planned: readonly PlannedRun[], place: StudyPlace): Promise<StudyTraining> {
  const { root, backend, software, threads, signal, watch, onNote = () => {} } = place;
  const diverged = new Map<string, string>();
  const distinct = [...new Map(planned.map((one) => [directoryOf(root, one), one]))];
  const missing = distinct.filter(([directory]) => !existsSync(runPaths(directory).result));
  for (const [i, [directory, one]] of missing.entries()) {
    onNote(`run ${i + 1} of ${missing.length}: ${one.label}, seed ${one.recipe.seed}`);
    const { network } = asTrained(root, one);
    const recipe = { ...one.recipe, backend, software, threads };
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
