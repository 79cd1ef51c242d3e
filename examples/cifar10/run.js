import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { textTable } from '@resnet/analysis';
import { loadRun, runRecipe, trainsTheSame } from '@resnet/experiments';
import { compareRuns, writeSection } from '@resnet/experiments/studies';
import { showProgress, stopOnSignal } from '@resnet/trainer/node';

/** The options of this script; explains them and ends where they cannot be. */
export function optionsOf(usage, options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    end(`${error.message}\n${usage}`);
  }
}

/** Says why and ends: exit code 2, a mistake in the call. */
export function end(message) {
  console.error(message);
  process.exit(2);
}

/** Ends as the command does where a library call fails: 2 for a mistake in the call, 1 for every other failure. */
process.on('uncaughtException', (error) => {
  console.error(error.message);
  process.exit(error.usage === true ? 2 : 1);
});

/** npm runs a script in its own folder: a path is meant from where the user stands. */
export const fromUser = (path) => resolve(process.env.INIT_CWD ?? '.', path);

/** Trains in `directory`, going on where an earlier call stopped; does nothing where it finished. */
export async function trainOnce(recipe, directory) {
  const saved = existsSync(directory) ? loadRun(directory, console.error) : null;
  if (saved && !trainsTheSame(saved.recipe, recipe)) {
    end(`${directory} holds a run of another recipe. Choose another --out, or remove it.`);
  }
  if (saved?.result) return;
  const stop = stopOnSignal();
  const watch = showProgress({ label: recipe.model.name });
  const options = { directory, resume: true, signal: stop.signal, onNote: console.error, watch };
  const { status } = await runRecipe(recipe, options);
  stop.release();
  if (status === 'stopped') process.exit(stop.exitCode);
}

/** Prints the table and the verdict of some runs, and writes their report and curves. */
export async function compare(directories, out) {
  const found = compareRuns(directories);
  await writeSection(found, out);
  for (const text of [...found.section.tables.map(textTable), ...found.section.conclusion]) console.log(text);
}
