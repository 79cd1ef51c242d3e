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
import { validates } from '../recipe/length';
import type { Recipe } from '../recipe/schema';

/** The images of a run. */
export interface RunImages {
  /** Names of the classes, by index. */
  classes: readonly string[];
  /** Images trained on. */
  train: Dataset;
  /** Held-out images; null if nothing is held out and the data has no `val` split. */
  validation: Dataset | null;
  /** Images that the result is measured on. */
  test: Dataset;
}

/**
 * Opens a data set.
 *
 * @param path An archive or folder of images, or the name of a data set that `openSource` of `@resnet/data` knows.
 * @param onNote Receives the progress of hashing and decoding, and the files that are skipped.
 * @param onBrokenImage What to do with images that cannot be decoded while they are packed. Default: `stop`.
 * @throws UsageError if the path does not exist; the other errors of `openSource`.
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
      if (tenth === shown || (step === 'hash' && total < worthReporting)) return;
      shown = tenth;
      const doing = step === 'hash' ? 'looking through' : 'reading';
      onNote(`${doing} ${path}: ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} images`);
    },
  }).catch((error) => {
    // A run whose images have moved goes on with their new place.
    throw error instanceof NotFoundError ? new UsageError(error.message, { option: 'data' }, { cause: error }) : error;
  });
  for (const left of opened.skipped.slice(0, mostReported)) onNote(`left out ${path}/${left.path}: ${left.reason}`);
  const more = opened.skipped.length - mostReported;
  if (more > 0) onNote(`left out ${more} more of ${path}`);
  if (opened.brokenImages > 0) {
    onNote(`left out ${opened.brokenImages} broken images of ${path}; \`resnet data check\` lists them`);
  }
  const others = describeOtherFiles(opened.otherFiles);
  if (others !== '') onNote(`left out of ${path}, since they cannot be read as images: ${others}`);
  return opened;
}

/** Hashing fewer images takes less than seconds: no progress lines. */
const worthReporting = 5_000;
const mostReported = 10;

/** Splits that results are measured on, the first that there is. */
const measuredSplits = ['test', 'val'];

/**
 * The split that results are measured on: `test`, or `val` where there is no `test`, since ImageNet's test labels are not public.
 *
 * @throws UsageError where the data has neither.
 */
export function testSplitOf(path: string, splits: readonly string[]): string {
  const split = measuredSplits.find((name) => splits.includes(name));
  if (split) return split;
  throw new UsageError(
    `${path}: must have images to measure the result on, got ${splits.join(', ')} alone. Move some of each class to test/CLASS/, the others to train/CLASS/.`,
  );
}

/**
 * Opens the images of a recipe.
 *
 * @throws UsageError if the recipe names no data or holds out too many images; the errors of `openSource`.
 */
export async function openRunImages(recipe: Recipe, onNote?: OnNote): Promise<RunImages> {
  const path = dataPathOf(recipe);
  const source = await openData(path, onNote, recipe.onBrokenImage);
  const all = await source.read('train');
  const { classes, splits } = source;
  if (recipe.overfit !== null) {
    const few = representativeImages(all, recipe.overfit);
    return { classes, train: few, validation: null, test: few };
  }
  const held = heldOutOf(recipe, all.length, splits);
  if (recipe.holdOut > 0 && held === 0)
    onNote?.(`${path}: validates on its val split; holdOut ${recipe.holdOut} holds nothing out`);
  trainingImages(recipe, all.length, splits);
  const method = recipe.holdOut > 0 ? recipe.split : 'stratified';
  const parts = held
    ? splitDataset(all, { validation: held, method, seed: recipe.seed })
    : { train: all, validation: splits.includes('val') ? await source.read('val') : null };
  if (validates(recipe) && !parts.validation) throw nothingHeldOut(recipe);
  const measured = measuredSplits.find((name) => splits.includes(name));
  if (held && recipe.holdOut === 0) onNote?.(heldOutNote(recipe, held, all.length, measured));
  const test = measured === undefined ? parts.validation : await source.read(measured);
  return { classes, ...parts, test: test ?? (await source.read(testSplitOf(path, splits))) };
}

/** The share that is held out of data without any other split, where the recipe names none. */
const AUTOMATIC = 0.2;

/**
 * How many training images are held out: none where there is a `val` split, else `holdOut` or the share `validation`. Data that is `train`
 * alone always has some held out, since its result has to be measured on something.
 */
function heldOutOf(
  { holdOut, validation }: Pick<Recipe, 'holdOut' | 'validation'>,
  available: number,
  splits: readonly string[],
): number {
  if (splits.includes('val')) return 0;
  if (holdOut > 0) return holdOut;
  const share = splits.length === 1 ? validation || AUTOMATIC : validation;
  return share > 0 ? Math.min(available - 1, Math.max(1, Math.round(share * available))) : 0;
}

function heldOutNote({ data, seed }: Recipe, held: number, available: number, measured: string | undefined): string {
  const use = measured === undefined ? `; ${data} has no test or val folder, so the result is measured on them` : '';
  return `held out: ${held} of ${available} training images, every class in proportion, by seed ${seed}${use}`;
}

/**
 * How many of `available` training images a recipe trains on.
 *
 * @param splits Of the data. Default: `train` and `test`.
 * @throws UsageError where none are left.
 */
export function trainingImages(
  recipe: Pick<Recipe, 'name' | 'holdOut' | 'validation' | 'overfit'>,
  available: number,
  splits: readonly string[] = ['train', 'test'],
): number {
  const { name, holdOut, overfit } = recipe;
  if (overfit !== null) return Math.min(overfit, available);
  const held = heldOutOf(recipe, available, splits);
  if (held < available) return available - held;
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

/** `count` images, classes in proportion, the same at every call; all images if there are no more. */
export const representativeImages = (dataset: Dataset, count: number): Dataset =>
  count < dataset.length ? splitDataset(dataset, { validation: count }).validation : dataset;
