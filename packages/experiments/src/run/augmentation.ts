import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type AugmentRecipe, type Dataset, datasetStatistics } from '@resnet/data';
import {
  type BatchTransform,
  batchNormalization,
  evaluationTransform,
  shorterSideFor,
} from '../evaluation/preprocessing';
import { type Preprocessing, viewOptions } from '../evaluation/single-view';
import type { Recipe } from '../recipe/schema';

/** What `batches` does to training images. */
export async function trainingTransform(
  { augment }: Recipe,
  preprocessing: Preprocessing,
  train: Dataset,
): Promise<BatchTransform> {
  const base = batchNormalization(preprocessing);
  const size = preprocessing.imageSize;
  if (typeof augment === 'object') {
    const options = { size, shorter: viewOptions(preprocessing).shorter, steps: augment };
    return { ...base, augment: { module: '@resnet/augment', export: 'augmentSteps', options } };
  }
  switch (augment) {
    case 'none':
      return evaluationTransform(preprocessing, train.shape);
    case 'imagenet': {
      const shorter = [shorterSideFor(size), Math.round((size * 480) / 224)];
      return { ...base, augment: { module: '@resnet/augment', export: 'imagenet', options: { size, shorter } } };
    }
    case 'cifar':
    case 'cifar-color': {
      if (augment === 'cifar') return { ...base, augment };
      const { colors } = await datasetStatistics(train);
      return { ...base, augment: { module: '@resnet/augment', export: 'cifar', options: { colors } } };
    }
    default:
      return { ...base, augment: augmentModule(augment) };
  }
}

/**
 * An augmentation by its name: `mine.js#warp` is the export of a file, anything else a name of `@resnet/augment`. The file's code runs when
 * batches are made.
 */
export function augmentModule(name: string): AugmentRecipe {
  const [file = '', own] = name.split('#');
  if (!/\.[cm]?js$/.test(file)) return name;
  return { module: pathToFileURL(resolve(file)).href, ...(own && { export: own }) };
}
