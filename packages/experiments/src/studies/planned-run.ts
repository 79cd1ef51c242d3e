import { join } from 'node:path';
import type { TrainedRun } from '../findings/trained-run';
import { cifar10 } from '../recipe/presets/cifar10';
import type { Recipe } from '../recipe/schema';
import { type NetworkBuilder, networkOf } from '../run/network';
import { recipeHash } from '../run/saved-run';
import type { Preset } from './preset';

/** A run that a study needs. Studies that plan the same run share it. */
export interface PlannedRun {
  /** Name in figures and tables; the same for all seeds. */
  label: string;
  /** What is trained. */
  recipe: Recipe;
  /**
   * Makes a network that no recipe can describe. Default: the recipe's.
   *
   * @param root Folder of the run folders, for a network that continues another run.
   */
  network?: (root: string) => NetworkBuilder;
}

/** A run under the preset's protocol, with `changes` applied to the recipe. */
export const plan = (
  preset: Preset,
  label: string,
  changes: Partial<Recipe> & Pick<Recipe, 'model'>,
  network?: PlannedRun['network'],
): PlannedRun => ({
  label,
  recipe: {
    ...cifar10,
    name: 'study',
    data: preset.data,
    steps: preset.steps,
    batchSize: preset.batchSize,
    schedule: { kind: 'multistep', base: preset.rate, milestones: [...preset.milestones], factor: 0.1 },
    holdOut: preset.holdOut,
    ...often(changes.steps ?? preset.steps),
    ...changes,
  },
  ...(network && { network }),
});

/** Every quarter of a short run, and every 1,000 iterations of a long one, so that an interruption loses little. */
const often = (steps: number): Pick<Recipe, 'validateEvery' | 'checkpointEvery' | 'keep'> => {
  const every = Math.min(1000, Math.ceil(steps / 4));
  return { validateEvery: every, checkpointEvery: every, keep: Math.ceil(steps / every) };
};

/** The same run for each of the preset's seeds. */
export const overSeeds = (seeds: number, of: (seed: number) => PlannedRun): PlannedRun[] =>
  Array.from({ length: seeds }, (_, seed) => of(seed));

/** The folder of a planned run. Equal recipes of different studies share it. */
export const directoryOf = (root: string, { label, recipe }: PlannedRun): string =>
  join(root, `${label.replace(/\W+/g, '-')}-s${recipe.seed}-${recipeHash(recipe).slice(0, 8)}`);

/** A planned run after training. */
export const asTrained = (root: string, planned: PlannedRun): TrainedRun => ({
  label: planned.label,
  directory: directoryOf(root, planned),
  recipe: planned.recipe,
  network: planned.network?.(root) ?? networkOf,
});
