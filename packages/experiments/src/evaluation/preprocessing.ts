import { type BatchOptions, type Dataset, datasetStatistics } from '@resnet/data';
import { UsageError } from '../errors';
import type { Recipe } from '../recipe/schema';
import { type Preprocessing, viewOptions } from './single-view';

/** §3.4's proportion of resized image to crop, 256 to 224. */
export const shorterSideFor = (imageSize: number): number => Math.round((imageSize * 256) / 224);

/** Statistics of images that must be cropped use this many: more take long and change no digit. */
const SAMPLE = 5_000;

/**
 * Decides how a recipe's images are preprocessed: what to crop by its augmentation, whatever the images' sizes are and however they are
 * stored; the statistics from the images it trains on.
 *
 * @param onBrokenImage As for `batches`.
 * @throws UsageError where the augmentation needs images of the recipe's image size and the data has others.
 */
export async function preprocessingFor(
  recipe: Recipe,
  train: Dataset,
  onBrokenImage: BatchOptions['onBrokenImage'] = 'stop',
): Promise<Preprocessing> {
  const plain = { ...(await cropping(recipe, train)), mean: null, std: null };
  return { ...plain, ...(await normalizationFor(recipe, train, plain, onBrokenImage)) };
}

async function cropping(
  recipe: Recipe,
  train: Dataset,
): Promise<Pick<Preprocessing, 'imageSize' | 'shorterSide' | 'fallbackSide'>> {
  const { name, augment, imageSize } = recipe;
  switch (augment) {
    case 'imagenet':
      return { imageSize, shorterSide: recipe.shorterSide ?? shorterSideFor(imageSize) };
    case 'none':
      return { imageSize, shorterSide: null, fallbackSide: shorterSideFor(imageSize) };
    case 'cifar':
    case 'cifar-color':
      await requireExact(name, augment, imageSize, train);
      return { imageSize, shorterSide: null };
  }
  // Steps and augmentations of one's own.
  const { shorterSide } = recipe;
  return { imageSize, shorterSide, ...(shorterSide === null && { fallbackSide: shorterSideFor(imageSize) }) };
}

/** Images looked at where their size is not known beforehand; one of another size among the rest ends its batch. */
const PROBES = 8;

async function requireExact(recipe: string, augment: string, imageSize: number, train: Dataset): Promise<void> {
  const shapes = train.shape ? [train.shape] : await probe(train);
  const other = shapes.find((shape) => !isExact(shape, imageSize));
  if (!other) return;
  const [height, width] = other;
  const alike = height === width && shapes.every((shape) => isExact(shape, height));
  throw new UsageError(
    `recipe ${recipe}: augment '${augment}' needs images of imageSize, ${imageSize} × ${imageSize}, got ${height} × ${width}. ` +
      `Set ${alike ? `imageSize to ${height}, or ` : ''}augment to 'imagenet', which crops.`,
    { option: alike ? 'imageSize' : 'augment' },
  );
}

async function probe(train: Dataset): Promise<readonly (readonly number[])[]> {
  const count = Math.min(PROBES, train.length);
  const images = Array.from({ length: count }, (_, i) => train.read(Math.floor((i * train.length) / count)));
  const read = await Promise.allSettled(images);
  // A broken image is met, or left out, when its turn comes.
  return read.flatMap((one) => (one.status === 'fulfilled' ? [[one.value.image.height, one.value.image.width]] : []));
}

async function normalizationFor(
  { normalize }: Recipe,
  train: Dataset,
  plain: Preprocessing,
  onBrokenImage: BatchOptions['onBrokenImage'],
): Promise<Pick<Preprocessing, 'mean' | 'std'>> {
  if (typeof normalize === 'object') return normalize;
  if (normalize === 'none') return { mean: null, std: null };
  const { pixelMean, mean, std } = await datasetStatistics(train, {
    onBrokenImage,
    prepare: evaluationTransform(plain, train.shape).augment,
    ...(!(train.shape && isExact(train.shape, plain.imageSize)) && { images: SAMPLE }),
  });
  return normalize === 'channel' ? { mean: [...mean], std: [...std] } : { mean: [...(pixelMean ?? mean)], std: null };
}

/**
 * Preprocessing for weights without a run.
 *
 * @param imageSize Side of the images that the network takes, in pixels.
 * @param statistics Channel means and standard deviations of training. Default: none, values stay in [0, 1].
 */
export const preprocessingOfWeights = (
  imageSize: number,
  { mean = null, std = null }: Partial<Pick<Preprocessing, 'mean' | 'std'>> = {},
): Preprocessing => ({ imageSize, shorterSide: null, fallbackSide: shorterSideFor(imageSize), mean, std });

/** The options of `batches` of `@resnet/data` that preprocess images. */
export type BatchTransform = Pick<BatchOptions, 'augment' | 'normalize'>;

const isExact = (shape: readonly number[], side: number): boolean => shape[0] === side && shape[1] === side;

/** The single view and normalization, for batches. `shape`: that of all images, null where it varies. */
export const evaluationTransform = (preprocessing: Preprocessing, shape: Dataset['shape']): BatchTransform => ({
  ...batchNormalization(preprocessing),
  ...(!(preprocessing.shorterSide === null && shape && isExact(shape, preprocessing.imageSize)) && {
    augment: { module: '@resnet/augment', export: 'centerView', options: viewOptions(preprocessing) },
  }),
});

/** The `normalize` option of `batches`. */
export const batchNormalization = ({ mean, std }: Preprocessing): BatchTransform =>
  mean === null ? {} : { normalize: { mean, ...(std && { std }) } };
