import type { Recipe } from '../schema';
import { cifar10, cifar10Deep } from './cifar10';
import { finetune } from './finetune';
import { imagenet, imagenetDeck } from './imagenet';
import { shapes10 } from './shapes10';

/** The recipes of this package, by name. */
export const recipes: ReadonlyMap<string, Recipe> = new Map(
  [cifar10, cifar10Deep, finetune, imagenet, imagenetDeck, shapes10].map((recipe) => [recipe.name, recipe]),
);
