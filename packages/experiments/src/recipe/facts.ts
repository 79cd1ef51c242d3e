import { summarizeModel } from '@resnet/models';
import { stepSeconds } from '../bench/step-seconds';
import type { OnNote } from '../note';
import { openData, trainingImages } from '../run/images';
import { networkOf } from '../run/network';
import type { RecipeFacts } from './explain';
import type { Recipe } from './schema';

/** Settings of {@link recipeFacts}. */
export interface RecipeFactsOptions {
  /** Iterations to time; 0 for none. Default: 0. */
  timeSteps?: number;
  /** Images per timed iteration. Default: the recipe's, fewer if images are large. */
  timeBatch?: number;
  /** Receives progress lines. */
  onNote?: OnNote;
}

/**
 * Collects the figures that `explainRecipe` needs: size of the network, number of training images (of the recipe's data or, where it
 * names none, of the paper's data set), and seconds per iteration on the current backend.
 *
 * @throws UsageError where no images are left to train on.
 */
export async function recipeFacts(recipe: Recipe, options: RecipeFactsOptions = {}): Promise<RecipeFacts> {
  const { timeSteps = 0, onNote = () => {} } = options;
  const known = await imagesOf(recipe, onNote);
  const trainImages = trainingImages(recipe, known.images, known.splits);
  const network = networkOf(recipe, known.classes, recipe.imageSize);
  try {
    const { parameters, multiplyAdds } = summarizeModel(network);
    const batch = Math.min(recipe.batchSize, options.timeBatch ?? batchToTime(recipe.imageSize));
    if (timeSteps === 0) return { trainImages, parameters, multiplyAdds, secondsPerStep: null };
    if (batch < recipe.batchSize) {
      onNote(`timing batches of ${batch} images, ${recipe.batchSize / batch} of them per iteration`);
    }
    const seconds = await stepSeconds(network, batch, timeSteps);
    return { trainImages, parameters, multiplyAdds, secondsPerStep: (seconds * recipe.batchSize) / batch };
  } finally {
    network.dispose();
  }
}

interface KnownImages {
  /** Of the `train` split. */
  images: number;
  classes: number;
  splits: readonly string[];
}

async function imagesOf({ data, imageSize }: Recipe, onNote: OnNote): Promise<KnownImages> {
  if (data !== null) {
    const { read, splits } = await openData(data, onNote);
    const train = await read('train');
    return { images: train.length, classes: train.classes.length, splits };
  }
  return imageSize === 32
    ? { images: 50_000, classes: 10, splits: ['train', 'test'] }
    : { images: 1_281_167, classes: 1000, splits: ['train', 'val'] };
}

/** As many images as have the pixels of 128 CIFAR images; at least two. */
const batchToTime = (imageSize: number): number => Math.max(2, Math.floor((128 * 32 * 32) / imageSize ** 2));
