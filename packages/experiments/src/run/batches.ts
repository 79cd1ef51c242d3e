import { availableParallelism } from 'node:os';
import { type AugmentRecipe, type BatchOptions, type BatchShare, batches, type Dataset } from '@resnet/data';
import type { BatchSource } from '@resnet/trainer';
import { UsageError } from '../errors';
import { evaluationTransform } from '../evaluation/preprocessing';
import type { Preprocessing } from '../evaluation/single-view';
import type { Recipe } from '../recipe/schema';
import { trainingTransform } from './augmentation';
import { classWeightsOf } from './class-weights';
import type { RunImages } from './images';
import { mixerOf } from './mix';

/** Images per batch of an evaluation: enough for all threads, few enough for any memory. */
const EVALUATION_BATCH = 250;

/** The same, of all processes together. */
export const evaluationBatch = (processes: number): number => EVALUATION_BATCH * processes;

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
 * @param sharing Processes that share the cores.
 */
export const workersFor = (
  { workers }: Pick<Recipe, 'workers'>,
  dataset: Dataset,
  computing: number | null,
  sharing = 1,
): number =>
  workers ?? (dataset.readSync ? 0 : Math.max(0, Math.floor(availableParallelism() / sharing) - (computing ?? 1)));

/**
 * The batches of a run. `workers: null` means no threads.
 *
 * @param onBrokenImage As for `batches`. Default: the recipe's.
 * @param share The number of this process and of all, to make its part of each batch; null for the whole.
 * @throws UsageError if a batch has no image for each process, or broken images would be left out of parts.
 */
export async function streamsOf(
  recipe: Recipe,
  images: RunImages,
  preprocessing: Preprocessing,
  onBrokenImage: BatchOptions['onBrokenImage'] = recipe.onBrokenImage,
  share: BatchShare | null = null,
): Promise<Streams> {
  const { batchSize, seed } = recipe;
  if (share) requireParts(recipe, share.size);
  const own = share && { share: { rank: share.rank, size: share.size } };
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
      ...own,
      ...transform,
    });
  const how = { workers, onBrokenImage, ...own };
  return {
    train: mix ? (epoch, firstBatch) => mix(source(epoch, firstBatch), epoch) : source,
    validation: validation && (() => evaluationBatches(validation, preprocessing, how)),
    test: () => evaluationBatches(images.test, preprocessing, how),
    augment: transform.augment,
    classWeights: recipe.balance === 'weights' ? classWeightsOf(images.train) : null,
  };
}

/** Refuses a batch whose parts have no image or no known weight. */
function requireParts({ name, batchSize, onBrokenImage }: Recipe, processes: number): void {
  if (batchSize < processes) {
    throw new UsageError(
      `recipe ${name}: batchSize must be at least 1 for each of ${processes} processes, got ${batchSize}. Raise it, or start fewer.`,
      { option: 'batchSize' },
    );
  }
  if (onBrokenImage !== 'stop') {
    throw new UsageError(
      `recipe ${name}: onBrokenImage must be 'stop' with several processes, got '${onBrokenImage}'. Repair or remove the images.`,
      { option: 'onBrokenImage' },
    );
  }
}

/** Every image once, in order, in its single view; each process its part. */
export const evaluationBatches = (
  dataset: Dataset,
  preprocessing: Preprocessing,
  { workers = 0, onBrokenImage = 'stop', share }: Pick<BatchOptions, 'workers' | 'onBrokenImage' | 'share'> = {},
) =>
  batches(dataset, {
    batchSize: evaluationBatch(share?.size ?? 1),
    shuffle: false,
    ...(share && { share }),
    workers: dataset.readSync ? 0 : workers,
    onBrokenImage,
    ...evaluationTransform(preprocessing, dataset.shape),
  });
