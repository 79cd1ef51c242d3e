import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { labelsOf } from '@resnet/experiments/studies';
import { isTemporary, isThere } from '@resnet/files';
import { runPaths } from '@resnet/trainer/node';
import { type FollowedRun, followRun } from './run';

/** A folder of runs that is followed. */
export interface FollowedFolder {
  /** By the name of their folders, in order. The only way from a name to a path. */
  readonly runs: ReadonlyMap<string, FollowedRun>;
  /** Looks again; true if a run came, went or changed. */
  look(): Promise<boolean>;
}

/** Looks between two of a run that is not running: what has ended seldom changes. */
const SELDOM = 10;

/** Follows the runs right below a folder. Links to folders are not runs. */
export function followFolder(directory: string): FollowedFolder {
  const runs = new Map<string, FollowedRun>();
  let looks = 0;
  return {
    runs,
    async look() {
      const names = await runNames(directory);
      let changed = false;
      for (const name of runs.keys()) if (!names.includes(name)) changed = runs.delete(name) || changed;
      for (const name of names) if (!runs.has(name)) runs.set(name, followRun(join(directory, name)));
      const due = [...runs.values()].filter(
        (run) => looks % SELDOM === 0 || run.view === null || run.view.status === 'running',
      );
      looks += 1;
      // One after another: a folder of a thousand runs must not open a thousand files.
      for (const run of due) {
        // Gone, or a link by now: no run of this folder any more.
        const isChanged = await run.look().catch(() => runs.delete(basename(run.directory)));
        changed = isChanged || changed;
      }
      if (changed) label([...runs.values()]);
      return changed;
    },
  };
}

async function runNames(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !isTemporary(entry.name))
    .map(({ name }) => name)
    .filter((name) => isThere(runPaths(join(directory, name)).recipe))
    .sort();
}

/** Calls runs by what differs between them; those with one label differ by seed alone. */
function label(runs: readonly FollowedRun[]): void {
  const readable = runs.filter(({ recipe, view }) => recipe && view);
  labelsOf(readable.map(({ recipe }) => recipe!)).forEach((text, i) => {
    const { view } = readable[i]!;
    view!.label = text;
  });
}
