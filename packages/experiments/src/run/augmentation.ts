import { type Dataset, datasetStatistics } from '@resnet/data';
import {
  type BatchTransform,
  batchNormalization,
  evaluationTransform,
  type Preprocessing,
  shorterSideFor,
} from '../evaluation/preprocessing';
import type { Recipe } from '../recipe/schema';

/** What `batches` does to training images. */
export async function trainingTransform(
  { augment }: Recipe,
  preprocessing: Preprocessing,
  train: Dataset,
): Promise<BatchTransform> {
  const base = batchNormalization(preprocessing);
  const size = preprocessing.imageSize;
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
  }
}
