import { join } from 'node:path';
import {
  loadRecipe,
  type Recipe,
  requireRun,
  runTraining,
  savedRecipe,
  type TrainingRequest,
  withChanges,
  withSetting,
} from '@resnet/experiments';
import { isThere } from '@resnet/files';
import { modelArchitecture } from '@resnet/models';
import { UsageError } from '../errors';
import { note, print, printJson } from '../output';

/** Flags that name a setting of the recipe as it is. */
type Direct = Pick<
  Recipe,
  | 'model'
  | 'shortcut'
  | 'pad'
  | 'block'
  | 'data'
  | 'steps'
  | 'batch'
  | 'seed'
  | 'holdOut'
  | 'validateEvery'
  | 'checkpointEvery'
  | 'patience'
  | 'onNan'
  | 'backend'
  | 'software'
  | 'threads'
  | 'workers'
  | 'overfit'
>;

/** What the command line gives. */
export interface TrainFlags extends Partial<Direct> {
  milestones?: number[];
  rate?: number;
  set: string[];
  out?: string;
  resume?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** What may change when a run goes on: where it runs, not what it computes. */
const runtimeFlags = ['backend', 'software', 'threads', 'workers', 'resume', 'dryRun', 'json', 'set'];

/** `resnet train`. */
export async function train(source: string | undefined, flags: TrainFlags): Promise<void> {
  const request = flags.resume === undefined ? freshRequest(source, flags) : resumeRequest(source, flags, flags.resume);
  if (flags.dryRun) return printJson({ directory: request.directory, recipe: request.recipe });
  const { result, exitCode } = await runTraining({ ...request, onNote: note });
  process.exitCode = exitCode;
  if (!result) return note(`Stopped; go on with: resnet train --resume ${request.directory}`);
  if (flags.json) return printJson({ ...result, directory: request.directory });
  if (result.steps < request.recipe.steps)
    note(`stopped early at step ${result.steps}; took the best weights by validation`);
  print(`test error ${percent(result.testError)}, training error ${percent(result.trainError)}: ${request.directory}`);
}

function freshRequest(source: string | undefined, flags: TrainFlags): TrainingRequest {
  if (source === undefined) throw new UsageError('train: name a recipe (cifar10, shapes10, …) or pass --resume DIR.');
  const recipe = resolved(source, flags);
  const directory = flags.out ?? join('runs', `${recipe.name.replace(/\W+/g, '-')}-${recipe.model}-${recipe.seed}`);
  if (isThere(join(directory, 'recipe.json')) && !flags.dryRun) {
    throw new UsageError(
      `train: ${directory} already holds a run. Go on with it by --resume ${directory}, or choose another --out.`,
    );
  }
  return { recipe, directory, resume: false };
}

function resolved(source: string, flags: TrainFlags): Recipe {
  const { milestones, rate, set, out: _, resume: __, dryRun: ___, json: ____, ...direct } = flags;
  const start = withChanges(loadRecipe(source), direct);
  if (milestones !== undefined && start.schedule.kind !== 'multistep') {
    throw new UsageError(
      `train: --milestones needs a multistep schedule, got ${start.schedule.kind}. Set the schedule as a whole by --set schedule={…}.`,
    );
  }
  const settings = [
    ...(rate === undefined ? [] : [`schedule.rate=${rate}`]),
    ...(milestones === undefined ? [] : [`schedule.milestones=${JSON.stringify(milestones)}`]),
    ...(start.overfit === null
      ? []
      : ['augment=none', 'holdOut=0', 'validateEvery=0', `batch=${Math.min(start.batch, start.overfit)}`]),
    ...set,
  ];
  const recipe = settings.reduce(withSetting, start);
  modelArchitecture(recipe.model); // a name that is wrong is told before anything that takes time
  return recipe;
}

function resumeRequest(source: string | undefined, flags: TrainFlags, directory: string): TrainingRequest {
  const changed = Object.entries(flags).filter(([name, value]) => value !== undefined && !runtimeFlags.includes(name));
  if (source !== undefined || changed.length > 0 || flags.set.length > 0) {
    const names = [...(source === undefined ? [] : [source]), ...changed.map(([name]) => flagOf(name))].join(' ');
    throw new UsageError(
      `train: --resume goes on with the recipe of ${directory}, got ${names || '--set'} too. Leave that out.`,
    );
  }
  const { backend, software, threads, workers } = flags;
  requireRun(directory);
  return {
    recipe: withChanges(savedRecipe(directory), { backend, software, threads, workers }),
    directory,
    resume: true,
  };
}

/** `validateEvery` → `--validate-every`. */
const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const percent = (value: number | null): string => (value === null ? 'not measured' : `${(100 * value).toFixed(2)} %`);
