import {
  type Dataset,
  describeOtherFiles,
  NotFoundError,
  type OpenedDataset,
  openSource,
  splitDataset,
} from '@resnet/data';
import { UsageError } from '../errors';
import type { OnNote } from '../note';
import type { Recipe } from '../recipe/schema';

/** The images of a run, by use. */
export interface RunImages {
  /** Names of the classes, by index. */
  classes: readonly string[];
  /** Images trained on. */
  train: Dataset;
  /** Null where nothing was held out and the data has no `val` split. */
  validation: Dataset | null;
  /** Images that the result is measured on. */
  test: Dataset;
}

/**
 * Opens a data set.
 *
 * @param path An archive or folder of images, or the name of a data set that `openSource` of `@resnet/data` knows.
 * @param onNote Receives the progress of hashing and decoding, and what was left out.
 * @param onBrokenImage What to do with images that cannot be decoded while they are packed. Default: `stop`.
 * @throws UsageError where nothing is there; the other errors of `openSource`.
 */
export async function openData(
  path: string,
  onNote: OnNote = () => {},
  onBrokenImage: Recipe['onBrokenImage'] = 'stop',
): Promise<OpenedDataset> {
  let shown = '';
  const opened = await openSource(path, {
    onBrokenImage:
      onBrokenImage === 'stop' ? 'stop' : ({ file, reason }) => onNote(`broken image: ${file} (${reason})`),
    onProgress: ({ step, done, total }) => {
      const tenth = `${step} ${Math.floor((10 * done) / total)}`;
      if (tenth === shown || (step === 'hash' && total < worthTelling)) return;
      shown = tenth;
      const doing = step === 'hash' ? 'looking through' : 'reading';
      onNote(`${doing} ${path}: ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} images`);
    },
  }).catch((error) => {
    // A run whose images have moved goes on with their new place.
    throw error instanceof NotFoundError ? new UsageError(error.message, { option: 'data' }, { cause: error }) : error;
  });
  for (const left of opened.skipped.slice(0, mostTold)) onNote(`left out ${path}/${left.path}: ${left.reason}`);
  const more = opened.skipped.length - mostTold;
  if (more > 0) onNote(`left out ${more} more of ${path}`);
  if (opened.brokenImages > 0) {
    onNote(`left out ${opened.brokenImages} broken images of ${path}; \`resnet data check\` lists them`);
  }
  const others = describeOtherFiles(opened.otherFiles);
  if (others !== '') onNote(`left out files of ${path} that are no images which can be read: ${others}`);
  return opened;
}

/** Images whose hashing takes seconds. */
const worthTelling = 5_000;
const mostTold = 10;

/**
 * The split that results are measured on: `test`, or `val` where there is no `test`, since ImageNet's test labels are not public.
 *
 * @throws UsageError where the data has neither.
 */
export function testSplitOf(path: string, splits: readonly string[]): string {
  const split = ['test', 'val'].find((name) => splits.includes(name));
  if (split) return split;
  throw new UsageError(
    `${path}: must have images to measure the result on, got ${splits.join(', ')} alone. Move some of each class to test/CLASS/, the others to train/CLASS/.`,
  );
}

/**
 * Opens the images that a recipe asks for.
 *
 * @throws UsageError where the recipe names no data, or holds out what the data does not have; the errors of `openSource`.
 */
export async function openRunImages(recipe: Recipe, onNote?: OnNote): Promise<RunImages> {
  const path = dataPathOf(recipe);
  const source = await openData(path, onNote, recipe.onBrokenImage);
  const all = await source.read('train');
  const { classes } = source;
  if (recipe.overfit !== null) {
    const few = representativeImages(all, recipe.overfit);
    return { classes, train: few, validation: null, test: few };
  }
  const holdOut = heldOutOf(recipe, source.splits);
  if (holdOut < recipe.holdOut)
    onNote?.(`${path}: validates on its val split; holdOut ${recipe.holdOut} holds nothing out`);
  trainingImages({ ...recipe, holdOut }, all.length);
  const parts = holdOut
    ? splitDataset(all, { validation: holdOut, method: recipe.split, seed: recipe.seed })
    : { train: all, validation: source.splits.includes('val') ? await source.read('val') : null };
  if (recipe.validateEvery > 0 && !parts.validation) throw nothingHeldOut(recipe);
  const test = await source.read(testSplitOf(path, source.splits));
  return { classes, ...parts, test };
}

/** How many training images a recipe holds out of data with these splits: none where there is a `val` split. */
export const heldOutOf = ({ holdOut }: Pick<Recipe, 'holdOut'>, splits: readonly string[]): number =>
  splits.includes('val') ? 0 : holdOut;

/**
 * How many of `available` training images a recipe trains on.
 *
 * @throws UsageError where none are left.
 */
export function trainingImages(
  { name, holdOut, overfit }: Pick<Recipe, 'name' | 'holdOut' | 'overfit'>,
  available: number,
): number {
  if (overfit !== null) return Math.min(overfit, available);
  if (holdOut < available) return available - holdOut;
  throw new UsageError(
    `recipe ${name}: holdOut must leave images to train on, got ${holdOut} of ${available}. Lower it.`,
    { option: 'holdOut' },
  );
}

const nothingHeldOut = ({ name, validateEvery }: Recipe): UsageError =>
  new UsageError(
    `recipe ${name}: validateEvery must be 0 where no images are held out, got ${validateEvery}. Set holdOut, to 5000 for the paper's 45k/5k split, or leave validation out: the test set is measured once, at the end.`,
    { option: 'holdOut' },
  );

function dataPathOf({ data, name }: Recipe): string {
  if (data !== null) return data;
  throw new UsageError(`recipe ${name}: needs a data set, got none. Set data to a path, to cifar10 or to shapes10.`, {
    option: 'data',
  });
}

/** `count` images with every class in proportion, the same ones at every call; all where there are no more. */
export const representativeImages = (dataset: Dataset, count: number): Dataset =>
  count < dataset.length ? splitDataset(dataset, { validation: count }).validation : dataset;
