import type { OnNote } from '../note';
import { movedSchedule } from './resolve';
import type { Recipe } from './schema';

/** Full batches in a pass over the images; all in one where there are fewer images than a batch has. */
export const stepsPerEpoch = ({ batchSize }: Pick<Recipe, 'batchSize'>, trainImages: number): number =>
  Math.max(1, Math.floor(trainImages / batchSize));

/** Whether a recipe validates on the way. */
export const validates = ({ validateEvery }: Pick<Recipe, 'validateEvery'>): boolean => validateEvery !== 0;

/** A recipe whose length and validations are counted in iterations. */
export type MeasuredRecipe = Recipe & { validateEvery: number };

/**
 * Counts in iterations what a recipe says in epochs: `steps` from `epochs`, and validations. The schedule's iterations move with the steps.
 *
 * @param trainImages Images trained on.
 * @param onNote Hears what was counted.
 */
export function inIterations(recipe: Recipe, trainImages: number, onNote: OnNote = () => {}): MeasuredRecipe {
  const { epochs, steps: nominal, validateEvery } = recipe;
  const perEpoch = stepsPerEpoch(recipe, trainImages);
  const steps = epochs === null ? nominal : Math.max(1, Math.round(epochs * perEpoch));
  if (epochs !== null && steps !== nominal)
    onNote(`length: ${epochs} epochs of ${perEpoch} iterations, ${steps} in all`);
  return {
    ...recipe,
    steps,
    validateEvery: validateEvery === 'epoch' ? perEpoch : validateEvery,
    schedule: movedSchedule(recipe, steps, onNote),
  };
}
