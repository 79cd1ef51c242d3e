import { type Dataset, type OpenOptions, openSource, splitDataset } from '@resnet/data';
import { UsageError } from '../errors';
import type { OnNote } from '../note';
import type { Recipe } from '../recipe/schema';

/** The images of a run, parted by use. */
export interface Images {
  classes: readonly string[];
  train: Dataset;
  /** Null where nothing was held out and the data has no `val` split. */
  validation: Dataset | null;
  test: Dataset;
}

/** Opens a data set; `onNote` hears how far its decoding is. */
export function openData(path: string, onNote: OnNote = () => {}, options: OpenOptions = {}) {
  let shown = 0;
  return openSource(path, {
    onProgress: ({ done, total }) => {
      const share = Math.floor((10 * done) / total);
      if (share === shown) return;
      shown = share;
      onNote(`reading ${path}: ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} images`);
    },
    ...options,
  });
}

/**
 * Where the result is measured: ImageNet's test labels are not public, so its `val` takes their place.
 *
 * @throws UsageError where the data has neither.
 */
export function testSplit(path: string, splits: readonly string[]): string {
  const split = ['test', 'val'].find((name) => splits.includes(name));
  if (split) return split;
  throw new UsageError(
    `${path}: must have images to measure the result on, got ${splits.join(', ')} alone. Move some of each class to test/CLASS/, the others to train/CLASS/.`,
  );
}

/** The images that a recipe asks for. */
export async function openImages(recipe: Recipe, onNote?: OnNote): Promise<Images> {
  const source = await openData(dataPath(recipe), onNote);
  const all = await source.read('train');
  const { classes } = source;
  if (recipe.overfit !== null) {
    const few = representative(all, recipe.overfit);
    return { classes, train: few, validation: null, test: few };
  }
  if (recipe.holdOut >= all.length) {
    throw new UsageError(
      `recipe ${recipe.name}: holdOut must leave images to train on, got ${recipe.holdOut} of ${all.length}. Pass a smaller --hold-out.`,
    );
  }
  const parts = recipe.holdOut
    ? splitDataset(all, { validation: recipe.holdOut, method: recipe.split, seed: recipe.seed })
    : { train: all, validation: source.splits.includes('val') ? await source.read('val') : null };
  if (recipe.validateEvery > 0 && !parts.validation) throw new UsageError(nothingHeldOut(recipe));
  const test = await source.read(testSplit(dataPath(recipe), source.splits));
  return { classes, ...parts, test };
}

const nothingHeldOut = ({ name, validateEvery }: Recipe): string =>
  `recipe ${name}: validateEvery must be 0 where no images are held out, got ${validateEvery}. Pass --hold-out 5000 for the paper's 45k/5k split, or leave validation out: the test set is measured once, at the end.`;

export function dataPath({ data, name }: Recipe): string {
  if (data !== null) return data;
  throw new UsageError(
    `recipe ${name}: needs a data set. Pass --data PATH, or --data cifar10 after \`resnet data download cifar10\`, or try --data shapes10.`,
  );
}

/** `count` images with every class in proportion, always the same ones; all where there are no more. */
export const representative = (dataset: Dataset, count: number): Dataset =>
  count < dataset.length ? splitDataset(dataset, { validation: count }).validation : dataset;
