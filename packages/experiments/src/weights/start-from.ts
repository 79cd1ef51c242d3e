import { freeze, loadWeights } from '@resnet/models';
import type * as tf from '@tensorflow/tfjs';
import { channelMean } from '../evaluation/single-view';
import type { OnNote } from '../note';
import { changedRecipe, type RecipeChanges, readRecipe, withChanges } from '../recipe/resolve';
import type { Recipe } from '../recipe/schema';
import { type OpenPretrainedOptions, openPretrained, type Pretrained } from './pretrained';

/** What starts a recipe from other weights than it says. */
export interface StartingWeights extends Pick<OpenPretrainedOptions, 'model' | 'onNote'> {
  /** As `openPretrained` takes them. Default: those of the recipe, if any. */
  weights?: string | undefined;
}

/**
 * `loadRecipe`, with network, image size and normalization of the weights that it starts from, where a file does not say otherwise.
 *
 * @throws As `loadRecipe` and `openPretrained`.
 */
export async function loadRecipeFromWeights(source: string, options: StartingWeights = {}): Promise<Recipe> {
  const { onNote = () => {}, model } = options;
  const { start, changes } = readRecipe(source, onNote);
  const recipe = changedRecipe(start, changes, source);
  const weights = options.weights ?? recipe.weights;
  if (weights === null) return recipe;
  const found = await openPretrained(weights, { onNote, ...(model && { model }) });
  onNote(`weights: ${weights}, known from ${found.known}`);
  const started = withChanges({ ...start, model: found.model }, preprocessingIn(found));
  return { ...changedRecipe(started, changes, source), weights };
}

/** A mean per pixel belongs to images of one size: of it, photographs get the average. */
function preprocessingIn({ preprocessing }: Pretrained): RecipeChanges {
  if (!preprocessing) return { imageSize: 32, shorterSide: null, normalize: 'channel' };
  const { imageSize, shorterSide, mean, std } = preprocessing;
  const ofChannels = mean && channelMean(mean, 3);
  return {
    imageSize,
    shorterSide,
    normalize: ofChannels ? { mean: ofChannels, std: std ?? [1, 1, 1] } : 'none',
  };
}

/**
 * Gives a new network the weights that its recipe starts from, and freezes what the recipe freezes. The head is left as it was made where
 * the weights are of other classes.
 *
 * @param classes Names of the classes of the data.
 * @param onNote Hears what became of the head.
 * @throws As `openPretrained`; WeightMismatchError of `@resnet/models` where the weights are of another network.
 */
export async function startFromWeights(
  model: tf.LayersModel,
  { weights, freeze: until, model: own }: Pick<Recipe, 'weights' | 'freeze' | 'model'>,
  classes: readonly string[],
  onNote: OnNote = () => {},
): Promise<void> {
  if (weights !== null) {
    const found = await openPretrained(weights, { model: own, onNote });
    const head = isOfClasses(found, classes) ? 'keep' : 'replace';
    loadWeights(model, found.weights, { head });
    onNote(
      head === 'keep'
        ? `weights: all of ${weights}, the head too: it is of the same ${classes.length} classes`
        : `weights: all of ${weights} but the head, which is new for ${classes.length} classes`,
    );
  }
  if (until !== 'none') freeze(model, until);
}

/** By name where the weights have names. Their count alone says little: two classes may be any two. */
const isOfClasses = ({ classes: theirs }: Pretrained, ours: readonly string[]): boolean =>
  theirs !== null && theirs.length === ours.length && theirs.every((name, i) => name === ours[i]);
