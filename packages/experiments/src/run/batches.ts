import { availableParallelism } from 'node:os';
import { type AugmentRecipe, type BatchOptions, batches, type Dataset } from '@resnet/data';
import type { BatchSource } from '@resnet/trainer';
import { evaluationTransform } from '../evaluation/preprocessing';
import type { Preprocessing } from '../evaluation/single-view';
import type { Recipe } from '../recipe/schema';
import { trainingTransform } from './augmentation';
import { classWeightsOf } from './class-weights';
import type { RunImages } from './images';
import { mixerOf } from './mix';

/** Images per batch of an evaluation: enough for all threads, few enough for any memory. */
const EVALUATION_BATCH = 250;

/** The three streams of batches of a run. */
export interface Streams {
  /** Augmented training batches, by epoch. */
  train: BatchSource;
  /** The held-out images, once; null if there are none. */
  validation: (() => ReturnType<typeof batches>) | null;
  /** The test images, once. */
  test: () => ReturnType<typeof batches>;
  /** Augmentation of training images, before they are normalized. */
  augment: AugmentRecipe | undefined;
  /** What the loss of each class is multiplied by; null where all count the same. */
  classWeights: readonly number[] | null;
}

/**
 * Number of threads that make batches: the recipe's, or by default the cores that do not compute.
 *
 * @param computing Threads of the backend; null where it has none of its own.
 */
export const workersFor = ({ workers }: Pick<Recipe, 'workers'>, dataset: Dataset, computing: number | null): number =>
  workers ?? (dataset.readSync ? 0 : Math.max(0, availableParallelism() - (computing ?? 1)));

/**
 * The batches of a run. `workers: null` means no threads.
 *
 * @param onBrokenImage As for `batches`. Default: the recipe's.
 */
export async function streamsOf(
  recipe: Recipe,
  images: RunImages,
  preprocessing: Preprocessing,
  onBrokenImage: BatchOptions['onBrokenImage'] = recipe.onBrokenImage,
): Promise<Streams> {
  const { batchSize, seed } = recipe;
  const workers = recipe.workers ?? 0;
  const transform = await trainingTransform(recipe, preprocessing, images.train);
  const { validation } = images;
  const mix = mixerOf(recipe, images.classes.length);
  const source = (epoch: number, firstBatch: number) =>
    // As in the paper's iteration counts, every batch is a full one.
    batches(images.train, {
      batchSize,
      seed,
      epoch,
      firstBatch,
      workers,
      balanced: recipe.balance === 'sampler',
      drop: images.train.length >= batchSize,
      onBrokenImage,
      ...transform,
    });
  return {
    train: mix ? (epoch, firstBatch) => mix(source(epoch, firstBatch), epoch) : source,
    validation: validation && (() => evaluationBatches(validation, preprocessing, { workers, onBrokenImage })),
    test: () => evaluationBatches(images.test, preprocessing, { workers, onBrokenImage }),
    augment: transform.augment,
    classWeights: recipe.balance === 'weights' ? classWeightsOf(images.train) : null,
  };
}

/** Every image once, in order, in its single view. */
export const evaluationBatches = (
  dataset: Dataset,
  preprocessing: Preprocessing,
  { workers = 0, onBrokenImage = 'stop' }: Pick<BatchOptions, 'workers' | 'onBrokenImage'> = {},
) =>
  batches(dataset, {
    batchSize: EVALUATION_BATCH,
    shuffle: false,
    workers: dataset.readSync ? 0 : workers,
    onBrokenImage,
    ...evaluationTransform(preprocessing, dataset.shape),
  });
