import { type Architecture, modelArchitecture } from '@resnet/models';
import type { Recipe } from './schema';

/**
 * What a recipe's network is made of, defaults included.
 *
 * @throws UnknownModelError and ModelOptionError of `@resnet/models`.
 */
export const recipeArchitecture = ({ model: { name, ...options } }: Pick<Recipe, 'model'>): Architecture =>
  modelArchitecture(name, options);

/** Whether a recipe's network has shortcuts; plain nets have none. */
export const isResidual = (recipe: Pick<Recipe, 'model'>): boolean => recipeArchitecture(recipe).shortcut !== 'none';
