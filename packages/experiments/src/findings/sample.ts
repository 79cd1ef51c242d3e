import { batches, type Dataset } from '@resnet/data';
import * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import { type Preprocessing, testOptions } from '../evaluation/preprocessing';
import { openImages, representative } from '../run/images';
import { type SavedPreprocessing, savedPreprocessing } from '../run/run-files';
import type { TrainedRun } from './trained-run';

/** Some images of a run's data set, as its network sees them without augmentation. */
export interface Sample {
  /** `[n, h, w, 3]`; the caller disposes of it. */
  images: tf.Tensor4D;
  /** Class indices. */
  labels: Int32Array;
}

/** `count` of a run's images of one use, every class in proportion. */
export async function sampleOf(
  run: TrainedRun,
  split: 'train' | 'validation' | 'test',
  count: number,
): Promise<Sample> {
  const images = (await openImages(run.recipe))[split];
  if (images) return sampleFrom(images, preprocessingOf(run), count);
  throw new UsageError(`${run.directory}: must have held images out, got none. Train with --hold-out 5000.`);
}

/** `count` images of `dataset`, every class in proportion. */
export async function sampleFrom(dataset: Dataset, preprocessing: Preprocessing, count: number): Promise<Sample> {
  const chosen = representative(dataset, count);
  for await (const { images, labels } of batches(chosen, {
    batchSize: chosen.length,
    shuffle: false,
    ...testOptions(preprocessing),
  })) {
    return { images: tf.tensor4d(images.data, images.shape), labels };
  }
  throw new UsageError('analyze: there must be at least one image, got none. Check the data and its split.');
}

/** How a run's images become what its network sees. */
export const preprocessingOf = (run: TrainedRun): Preprocessing => saved(run).preprocessing;

/** The names of a run's classes. */
export const classesOf = (run: TrainedRun): readonly string[] => saved(run).classes;

function saved({ directory }: TrainedRun): SavedPreprocessing {
  const found = savedPreprocessing(directory);
  if (found) return found;
  throw new UsageError(`${directory}: has not started training yet. Go on with it: resnet train --resume ${directory}`);
}
