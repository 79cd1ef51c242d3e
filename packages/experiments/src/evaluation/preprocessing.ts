import { type BatchOptions, type Dataset, datasetStatistics } from '@resnet/data';
import { UsageError } from '../errors';
import type { Recipe } from '../recipe/schema';

/** How images become what the network sees; kept in the run folder, for whoever uses the trained net later. */
export interface Preprocessing {
  /** Side of the square that the network is trained on. */
  imageSize: number;
  /** Images of any size are resized so that their shorter side is this long, and cropped; null for images of one size. */
  shorterSide: number | null;
  /** On [0, 1]: one number a channel, or one a pixel and channel. Null leaves values as they are. */
  mean: number[] | null;
  std: number[] | null;
}

/** The paper tests ImageNet on crops of 224 from images of 256 (§3.4); other crops keep the proportion. */
export const shorterSideFor = (size: number): number => Math.round((size * 256) / 224);

/** Images of varying size are averaged over this many of them: a mean of millions needs days and no more digits. */
const SAMPLE = 5_000;

/** Decides on preprocessing from a recipe and its training images. */
export async function preprocessingFor(recipe: Recipe, train: Dataset): Promise<Preprocessing> {
  const { imageSize } = recipe;
  if (train.shape && (train.shape[0] !== imageSize || train.shape[1] !== imageSize)) {
    throw new UsageError(
      `recipe ${recipe.name}: imageSize must be that of the data, ${train.shape[0]} × ${train.shape[1]}, got ${imageSize}. Pass --set imageSize=${train.shape[0]}.`,
    );
  }
  const plain = { imageSize, shorterSide: train.shape ? null : shorterSideFor(imageSize), mean: null, std: null };
  return { ...plain, ...(await normalisationFor(recipe, train, plain)) };
}

async function normalisationFor(
  { normalise }: Recipe,
  train: Dataset,
  plain: Preprocessing,
): Promise<Pick<Preprocessing, 'mean' | 'std'>> {
  if (typeof normalise === 'object') return normalise;
  if (normalise === 'none') return { mean: null, std: null };
  const { pixelMean, mean, std } = await datasetStatistics(train, {
    prepare: testOptions(plain).augment,
    ...(plain.shorterSide !== null && { images: SAMPLE }),
  });
  return normalise === 'channel' ? { mean: [...mean], std: [...std] } : { mean: [...(pixelMean ?? mean)], std: null };
}

type Transform = Pick<BatchOptions, 'augment' | 'normalize'>;

const normalised = ({ mean, std }: Preprocessing): Transform =>
  mean === null ? {} : { normalize: { mean, ...(std && { std }) } };

/** What `batches` does to test images: the single view. */
export const testOptions = (preprocessing: Preprocessing): Transform => ({
  ...normalised(preprocessing),
  ...(preprocessing.shorterSide !== null && {
    augment: {
      module: new URL('./center-view.js', import.meta.url).href,
      export: 'centre',
      options: { shorter: preprocessing.shorterSide, size: preprocessing.imageSize },
    },
  }),
});

/** What `batches` does to training images. */
export async function trainOptions(
  { augment, name }: Recipe,
  preprocessing: Preprocessing,
  train: Dataset,
): Promise<Transform> {
  const base = normalised(preprocessing);
  const size = preprocessing.imageSize;
  switch (augment) {
    case 'none':
      return testOptions(preprocessing);
    case 'imagenet': {
      const shorter = [shorterSideFor(size), Math.round((size * 480) / 224)];
      return { ...base, augment: { module: '@resnet/augment', export: 'imagenet', options: { size, shorter } } };
    }
    default:
      if (preprocessing.shorterSide !== null) {
        throw new UsageError(
          `recipe ${name}: augment '${augment}' needs images of one size, and these vary. Pass --set augment=imagenet.`,
        );
      }
      return augment === 'cifar'
        ? { ...base, augment }
        : {
            ...base,
            augment: {
              module: '@resnet/augment',
              export: 'cifar',
              options: { colors: (await datasetStatistics(train)).colors },
            },
          };
  }
}
