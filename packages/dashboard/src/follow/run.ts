import { lstatSync } from 'node:fs';
import { basename } from 'node:path';
import { loadRun, type Recipe, runFiles, type SavedRun } from '@resnet/experiments';
import { settingsOf, valueInWords } from '@resnet/experiments/studies';
import { requireFolder } from '@resnet/files';
import { type RunStatus, runPaths, runStatus } from '@resnet/trainer/node';
import { MetricsFollower } from './metrics';
import type { RunView } from './run-view';

/** A run that is followed. */
export interface FollowedRun {
  readonly directory: string;
  readonly metrics: MetricsFollower;
  /** Null before it was looked at. */
  view: RunView | null;
  /** Null where the recipe cannot be read. */
  recipe: Recipe | null;
  /** Looks again; true if something changed. */
  look(): Promise<boolean>;
}

/** Follows the run in a folder by what it writes anyway. */
export function followRun(directory: string): FollowedRun {
  const metrics = new MetricsFollower(runPaths(directory).metrics);
  let seen = '';
  let saved: SavedRun | null = null;
  const run: FollowedRun = {
    directory,
    metrics,
    view: null,
    recipe: null,
    async look() {
      if (!(await requireFolder(directory, { who: 'dashboard' }))) throw new Error(`${directory}: gone`);
      const { recipe, result, layers } = runPaths(directory);
      const files = runFiles(directory);
      const [recipeMark, resultMark, samples, evaluated, watched] = [
        recipe,
        result,
        files.samples,
        files.evaluation,
        layers,
      ].map(markOf);
      const mark = `${recipeMark} ${resultMark}`;
      if (mark !== seen) saved = readSaved(directory);
      seen = mark;
      run.recipe = saved?.recipe ?? null;
      await metrics.look().catch(() => false);
      const status = await runStatus(directory).catch(unreadable);
      const before = JSON.stringify(run.view);
      run.view = {
        name: basename(directory),
        label: run.view?.label ?? saved?.recipe.model.name ?? basename(directory),
        seed: saved?.recipe.seed ?? null,
        status: status.status,
        error: status.error,
        ...progressOf(metrics, saved),
        settings: saved ? settingsOf(saved.recipe).map(([key, value]) => [key, valueInWords(value)]) : [],
        testError: saved?.result?.testError ?? null,
        samples: samples !== '',
        details: `${evaluated}${watched}`,
      };
      return JSON.stringify(run.view) !== before;
    },
  };
  return run;
}

/** Identifies a file's content; empty where there is none. */
const markOf = (path: string): string => {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  return facts?.isFile() ? `${facts.ino}.${facts.mtimeMs}` : '';
};

/** What is not as a run has it is shown, not followed. */
const unreadable = (error: Error): RunStatus => ({ status: 'failed', error: error.message, pid: null });

/** Null where something in the folder is not as a run has it: its status says what. */
function readSaved(directory: string): SavedRun | null {
  try {
    return loadRun(directory);
  } catch {
    return null;
  }
}

/** Buckets over which the time of an iteration is taken. */
const RECENT = 20;

function progressOf({ metrics }: MetricsFollower, saved: SavedRun | null) {
  const { step, time } = metrics.train.columns;
  const [first, last] = [Math.max(0, step.length - RECENT), step.length - 1];
  const [from, to] = [time[first], time[last]];
  const passed = step.length > 1 && typeof from === 'number' && typeof to === 'number' ? to - from : null;
  return {
    step: step[last] ?? 0,
    steps: saved?.recipe.steps ?? null,
    secondsPerStep: passed === null ? null : passed / (step[last]! - step[first]!),
    batchSize: saved?.recipe.batchSize ?? null,
  };
}
