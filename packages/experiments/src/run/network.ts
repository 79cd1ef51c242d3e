import { createModel } from '@resnet/models';
import type * as tf from '@tensorflow/tfjs';
import type { Recipe } from '../recipe/schema';

/**
 * Makes the network that a recipe describes, for `classes` and square images.
 *
 * @param imageSize In pixels; null for a network that takes any size.
 */
export const networkOf = (
  { model: { name, ...options }, seed }: Pick<Recipe, 'model' | 'seed'>,
  classes: number,
  imageSize: number | null,
): tf.LayersModel => createModel(name, { ...options, seed, classes, inputShape: [imageSize, imageSize, 3] });

/** Makes the network of a run, as {@link networkOf} does. */
export type NetworkBuilder = (
  recipe: Recipe,
  classes: number,
  imageSize: number | null,
) => tf.LayersModel | Promise<tf.LayersModel>;
