import type { OnNote } from '../note';
import type { Recipe } from '../recipe/schema';
import { type NetworkBuilder, networkOf } from '../run/network';
import { loadRun } from '../run/saved-run';
import { labelsOf } from './label';

/** A run to analyze. */
export interface TrainedRun {
  /** Name in figures and tables. */
  label: string;
  /** The run folder. */
  directory: string;
  /** What was trained. */
  recipe: Recipe;
  /** Makes its network, untrained; the caller disposes of it. */
  network: NetworkBuilder;
}

/** The runs in `directories`. Their labels name the settings in which they differ. */
export function trainedRuns(directories: readonly string[], onNote?: OnNote): TrainedRun[] {
  const recipes = directories.map((directory) => loadRun(directory, onNote).recipe);
  const labels = labelsOf(recipes);
  const seeds = new Set(recipes.map(({ seed }) => seed));
  return directories.map((directory, i) => ({
    label: seeds.size > 1 ? `${labels[i]} seed ${recipes[i]!.seed}` : labels[i]!,
    directory,
    recipe: recipes[i]!,
    network: networkOf,
  }));
}
