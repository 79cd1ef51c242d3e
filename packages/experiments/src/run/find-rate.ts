import { findLearningRate, type RateCurve, type RatePoint } from '@resnet/trainer';
import { preprocessingFor } from '../evaluation/preprocessing';
import type { OnNote } from '../note';
import { inIterations } from '../recipe/length';
import type { Recipe } from '../recipe/schema';
import { startFromWeights } from '../weights/start-from';
import { streamsOf } from './batches';
import { openRunImages } from './images';
import { networkOf } from './network';
import { startBackend } from './start-backend';
import { optimizerOf, updateOf } from './training';

/** Settings of {@link findRecipeRate}: those of `findLearningRate` that a recipe leaves open. */
export interface FindRecipeRateOptions {
  /** First rate. */
  from: number;
  /** Last rate, above `from`. */
  to: number;
  /** Iterations from the first to the last rate. */
  steps: number;
  /** Receives the loss at each rate. */
  onStep?: (point: RatePoint) => void;
  /** Receives the progress of decoding. */
  onNote?: OnNote;
}

/** Trains a recipe's network at a rising rate and suggests the rate to start with. Nothing of the training is kept. */
export async function findRecipeRate(asked: Recipe, options: FindRecipeRateOptions): Promise<RateCurve> {
  const { from, to, steps, onStep, onNote } = options;
  await startBackend(asked);
  const images = await openRunImages(asked, onNote);
  const recipe = inIterations(asked, images.train.length);
  const preprocessing = await preprocessingFor(recipe, images.train, recipe.onBrokenImage);
  const { train, classWeights } = await streamsOf(recipe, images, preprocessing);
  const { averageDecay: _, ...update } = updateOf(recipe);
  const model = networkOf(recipe, images.classes.length, preprocessing.imageSize);
  await startFromWeights(model, recipe, images.classes, onNote);
  return findLearningRate({
    model,
    batches: train,
    optimizer: optimizerOf(recipe, model),
    ...(classWeights && { classWeights }),
    ...update,
    from,
    to,
    steps,
    ...(onStep && { onStep }),
  });
}
