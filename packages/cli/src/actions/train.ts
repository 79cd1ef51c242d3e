import { dirname, join } from 'node:path';
import {
  joinProcesses,
  loadRecipeFromWeights,
  loadRun,
  placeOf,
  placeOptions,
  type Recipe,
  type RecipeModel,
  type RunPlace,
  type RunResult,
  requireRun,
  runRecipe,
  withChanges,
  withSettings,
} from '@resnet/experiments';
import { isBegun, showProgress, stopOnSignal } from '@resnet/trainer/node';
import { exitCodeOf, messageOf, UsageError } from '../errors';
import { note, print, printJson } from '../output';
import { isModelOption, modelFlagsOf } from './model-flags';

/** Flags that are recipe settings of the same name. */
type Direct = RunPlace &
  Pick<
    Recipe,
    | 'data'
    | 'freeze'
    | 'headRate'
    | 'steps'
    | 'epochs'
    | 'batchSize'
    | 'optimizer'
    | 'validation'
    | 'augment'
    | 'seed'
    | 'holdOut'
    | 'validateEvery'
    | 'watchLayers'
    | 'checkpointEvery'
    | 'patience'
    | 'onDivergence'
    | 'overfit'
  >;

/** Flags of `resnet train`. */
export interface TrainFlags extends Partial<Direct>, Partial<Omit<RecipeModel, 'name'>> {
  model?: string;
  /** A file, a run folder or a name. */
  weights?: string;
  milestones?: number[];
  rate?: number;
  set: string[];
  out?: string;
  resume?: string;
  dryRun?: boolean;
  dashboard?: boolean;
  json?: boolean;
}

/** The recipe to train and the run folder. */
interface Plan {
  recipe: Recipe;
  directory: string;
  resume: boolean;
}

/** `resnet train`. */
export async function train(source: string | undefined, flags: TrainFlags): Promise<void> {
  const parallel = await joinProcesses(note);
  try {
    await trainWith(parallel, source, flags);
  } catch (error) {
    // The others would wait for this process.
    parallel?.world.abort(messageOf(error), exitCodeOf(error));
    throw error;
  }
  await parallel?.world.close();
}

type Processes = Awaited<ReturnType<typeof joinProcesses>>;

async function trainWith(parallel: Processes, source: string | undefined, flags: TrainFlags): Promise<void> {
  const { resume: from } = flags;
  const fresh = () => freshPlan(source, perProcess(flags, parallel));
  const plan = await (from === undefined ? fresh() : onRoot(parallel, () => resumePlan(source, flags, from)));
  const { recipe, directory, resume } = plan;
  const isRoot = !parallel || parallel.rank === 0;
  if (flags.dryRun) return isRoot ? printJson({ directory, recipe }) : undefined;
  const stop = stopOnSignal();
  const page = flags.dashboard ? await (await import('./dashboard')).openDashboard(dirname(directory), {}) : null;
  if (page) note(`dashboard: ${page.url}`);
  try {
    const watch = showProgress({ label: recipe.model.name });
    const outcome = await runRecipe(recipe, { directory, resume, signal: stop.signal, watch, onNote: note, parallel });
    if (outcome.status === 'stopped') process.exitCode = stop.exitCode ?? 1;
    if (!isRoot) return;
    if (outcome.status === 'finished') report(outcome.result, plan, flags);
    else note(`Stopped. To resume: resnet train --resume ${directory}`);
  } finally {
    await page?.close();
    stop.release();
  }
}

/** A run folder may be on rank 0's disk alone. */
const onRoot = async <T>(parallel: Processes, work: () => T): Promise<T> => parallel?.onRoot(work) ?? work();

/** The flag says what each process takes; a recipe's batch is that of all. */
const perProcess = (flags: TrainFlags, parallel: Processes): TrainFlags =>
  parallel && flags.batchSize !== undefined ? { ...flags, batchSize: flags.batchSize * parallel.size } : flags;

function report(result: RunResult, { recipe, directory }: Plan, { json }: TrainFlags): void {
  if (recipe.overfit !== null) judgeOverfit(result, recipe.overfit);
  if (json) printJson({ ...result, directory });
  else print(`test error ${percent(result.testError)}, training error ${percent(result.trainError)}: ${directory}`);
}

/** The network must learn a few images by heart; one that cannot is wired wrongly, or was not given the time. Exit code 1 where it did not. */
function judgeOverfit({ testError, steps }: RunResult, images: number): void {
  if (testError === 0) note(`overfit: passed, all ${images} images are learned by heart after ${steps} iterations`);
  else {
    process.exitCode = 1;
    note(
      `overfit: failed, ${percent(testError)} of ${images} images are wrong after ${steps} iterations. Give it more --steps or another --rate; if that does not help, look at the labels and the preprocessing.`,
    );
  }
}

async function freshPlan(source: string | undefined, flags: TrainFlags): Promise<Plan> {
  if (source === undefined) {
    throw new UsageError('train: name a recipe (cifar10, shapes10, …), a folder of images, or pass --resume DIR.');
  }
  const recipe = await resolved(source, flags);
  const { name, model, seed } = recipe;
  const directory = flags.out ?? join('runs', `${name.replace(/\W+/g, '-')}-${model.name}-${seed}`);
  if (isBegun(directory) && !flags.dryRun) {
    throw new UsageError(
      `train: ${directory} already holds a run. Resume it with --resume ${directory}, or choose another --out.`,
    );
  }
  return { recipe, directory, resume: false };
}

async function resolved(source: string, flags: TrainFlags): Promise<Recipe> {
  const {
    milestones,
    rate,
    set,
    out: _,
    resume: __,
    dryRun: ___,
    json: ____,
    dashboard: _____,
    model: name,
    weights,
    ...rest
  } = flags;
  const direct = Object.fromEntries(Object.entries(rest).filter(([flag]) => !isModelOption(flag)));
  const model = { ...modelFlagsOf(rest), ...(name !== undefined && { name }) };
  const named = name !== undefined && { model: { ...model, name } };
  const loaded = await loadRecipeFromWeights(source, { weights, onNote: note, ...named });
  const start = withChanges(loaded, { ...direct, ...lengthOf(flags), model }, note);
  if (milestones !== undefined && start.schedule.kind !== 'multistep') {
    throw new UsageError(
      `train: --milestones needs a multistep schedule, got ${start.schedule.kind}. Set the whole schedule with --set schedule={…}.`,
    );
  }
  const settings = [
    ...(rate === undefined ? [] : [`schedule.${'base' in start.schedule ? 'base' : 'maxRate'}=${rate}`]),
    ...(milestones === undefined ? [] : [`schedule.milestones=${JSON.stringify(milestones)}`]),
    ...(start.overfit === null
      ? []
      : [
          'augment=none',
          'holdOut=0',
          'validateEvery=0',
          'finalWeights=last',
          'mixup=null',
          'cutmix=null',
          `batchSize=${Math.min(start.batchSize, start.overfit)}`,
        ]),
    ...set,
  ];
  return withSettings(start, settings, note);
}

/** A length in iterations replaces one in epochs. */
const lengthOf = ({ steps, epochs }: TrainFlags) =>
  steps !== undefined && epochs === undefined ? { epochs: null } : {};

/** Flags that `--resume` accepts besides those of where the run computes. */
const resumeFlags = ['augment', 'data', 'resume', 'dryRun', 'dashboard', 'json', 'set'];

function resumePlan(source: string | undefined, flags: TrainFlags, directory: string): Plan {
  const allowed = [...placeOptions, ...resumeFlags];
  const changed = Object.entries(flags).filter(([name, value]) => value !== undefined && !allowed.includes(name));
  if (source !== undefined || changed.length > 0 || flags.set.length > 0) {
    const names = [...(source === undefined ? [] : [source]), ...changed.map(([name]) => flagOf(name))].join(' ');
    throw new UsageError(
      `train: --resume uses the recipe of ${directory}, got ${names || '--set'} as well. Leave that out.`,
    );
  }
  requireRun(directory);
  const saved = loadRun(directory, note).recipe;
  requireNamedCode(saved, flags, directory);
  return { recipe: withChanges(saved, { data: flags.data, ...placeOf(flags) }), directory, resume: true };
}

/** A run folder may be a stranger's: a file whose code it would run must be named by whoever resumes it. */
function requireNamedCode({ augment }: Recipe, flags: TrainFlags, directory: string): void {
  const file = typeof augment === 'string' && augment.includes('#') ? augment : undefined;
  if (flags.augment === file) return;
  throw new UsageError(
    file === undefined
      ? `train: --resume uses the recipe of ${directory}, got --augment as well. Leave that out.`
      : `train: ${directory} augments by the code of ${file}, which --resume must name, got ${flags.augment ?? 'nothing'}. If the file is yours, add --augment ${file}.`,
  );
}

/** `validateEvery` → `--validate-every`. */
const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const percent = (value: number | null): string => (value === null ? 'not measured' : `${(100 * value).toFixed(2)} %`);
