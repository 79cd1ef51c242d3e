import { createModel } from '@resnet/models';
import type * as tf from '@tensorflow/tfjs';
import type { Recipe } from '../recipe/schema';

/** What of a recipe decides on the network. */
export type NetworkFacts = Pick<Recipe, 'model' | 'shortcut' | 'pad' | 'block' | 'variant' | 'zeroGamma' | 'seed'>;

/**
 * Makes the network that a recipe describes, for `classes` and square images.
 *
 * @param imageSize In pixels; null for a network that takes any size.
 */
export const networkOf = (facts: NetworkFacts, classes: number, imageSize: number | null): tf.LayersModel =>
  createModel(facts.model, {
    ...(!facts.model.startsWith('plain') && { shortcut: facts.shortcut }),
    ...(facts.block && { block: facts.block }),
    ...(!facts.model.startsWith('plain') && facts.shortcut === 'A' && { pad: facts.pad }),
    ...(facts.variant === 'paper' && { strideIn: '1x1' }),
    zeroLastScale: facts.zeroGamma,
    seed: facts.seed,
    classes,
    inputShape: [imageSize, imageSize, 3],
  });

/** {@link networkOf}, or another way to make the network of a run. */
export type NetworkBuilder = (
  recipe: Recipe,
  classes: number,
  imageSize: number | null,
) => tf.LayersModel | Promise<tf.LayersModel>;
