import { batches, type Dataset } from '@resnet/data';
import * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import { withClassesOf } from '../evaluation/classes';
import { evaluationTransform } from '../evaluation/preprocessing';
import type { Preprocessing } from '../evaluation/single-view';
import { openRunImages, representativeImages } from '../run/images';
import { loadRun, preparedOf } from '../run/saved-run';
import type { TrainedRun } from './trained-run';

/** Preprocessed images of a run's data set, without augmentation. */
export interface Sample {
  /** `[n, h, w, 3]`; the caller disposes of it. */
  images: tf.Tensor4D;
  /** Class indices. */
  labels: Int32Array;
}

/** `count` training, validation or test images of a run, classes in proportion. */
export async function sampleOf(
  run: TrainedRun,
  split: 'train' | 'validation' | 'test',
  count: number,
): Promise<Sample> {
  const images = (await openRunImages(run.recipe))[split];
  if (images) {
    const { classes, preprocessing } = preparedOf(loadRun(run.directory));
    return sampleFrom(withClassesOf('analyze', classes, images), preprocessing, count);
  }
  throw new UsageError(`${run.directory}: must have held images out, got none. Train with holdOut set, to 5000 say.`);
}

/** `count` images of `dataset`, classes in proportion. */
export async function sampleFrom(dataset: Dataset, preprocessing: Preprocessing, count: number): Promise<Sample> {
  const chosen = representativeImages(dataset, count);
  for await (const { images, labels } of batches(chosen, {
    batchSize: chosen.length,
    shuffle: false,
    ...evaluationTransform(preprocessing, chosen.shape),
  })) {
    return { images: tf.tensor4d(images.data, images.shape), labels };
  }
  throw new UsageError('analyze: there must be at least one image, got none. Check the data and its split.');
}
