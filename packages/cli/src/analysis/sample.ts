import { batches, type Dataset, subset } from '@resnet/data';
import * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import { openImages } from '../training/images';
import { type Preprocessing, testOptions } from '../training/preprocess';
import { type SavedPreprocessing, savedPreprocessing } from '../training/run-files';
import type { TrainedRun } from './trained-run';

/** Some images of a run's data set, as its network sees them without augmentation. */
export interface Sample {
  /** `[n, h, w, 3]`; the caller disposes of it. */
  images: tf.Tensor4D;
  /** Class indices. */
  labels: Int32Array;
}

/** `count` images spread evenly over the training or test images of a run. */
export async function sampleOf(run: TrainedRun, split: 'train' | 'test', count: number): Promise<Sample> {
  const images = (await openImages(run.recipe))[split];
  return sampleFrom(images, preprocessingOf(run), count);
}

/** `count` images spread evenly over `dataset`. */
export async function sampleFrom(dataset: Dataset, preprocessing: Preprocessing, count: number): Promise<Sample> {
  const chosen = spread(dataset, count);
  for await (const { images, labels } of batches(chosen, {
    batchSize: chosen.length,
    shuffle: false,
    ...testOptions(preprocessing),
  })) {
    return { images: tf.tensor4d(images.data, images.shape), labels };
  }
  throw new UsageError('analyze: there must be at least one image, got none. Check the data and its split.');
}

/** `count` images spread evenly over `dataset`, so that one sorted by class gives all classes. */
export function spread(dataset: Dataset, count: number): Dataset {
  const wanted = Math.min(count, dataset.length);
  return subset(
    dataset,
    Array.from({ length: wanted }, (_, i) => Math.floor((i * dataset.length) / wanted)),
  );
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
