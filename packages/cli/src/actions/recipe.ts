import { explain, loadRecipe, networkOf, openData, type Recipe, startBackend, withChanges } from '@resnet/experiments';
import { stepSeconds } from '@resnet/experiments/bench';
import { summarizeModel } from '@resnet/models';
import type * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import { note, print, printJson } from '../output';

/** What the command line gives. */
export interface RecipeFlags {
  explain?: boolean;
  model?: string;
  data?: string;
  holdOut?: number;
  timeSteps: number;
  timeBatch?: number;
  backend?: string;
  software?: boolean;
  threads?: number;
}

/** `resnet recipe`. */
export async function recipe(source: string, flags: RecipeFlags): Promise<void> {
  const { model, data, holdOut } = flags;
  const chosen = withChanges(loadRecipe(source), { model, data, holdOut });
  if (!flags.explain) return printJson(chosen);
  const backend = await startBackend(flags.backend, { threads: flags.threads, software: flags.software });
  const known = await imagesOf(chosen);
  const network = networkOf(chosen, known.classes, chosen.imageSize);
  const { parameters, multiplyAdds } = summarizeModel(network);
  const trainImages = trainedOn(chosen, known.images);
  const secondsPerStep = flags.timeSteps > 0 ? await timed(chosen, network, flags) : null;
  for (const line of explain(chosen, { trainImages, parameters, multiplyAdds, secondsPerStep })) print(line);
  if (secondsPerStep !== null) note(`timed on ${backend.why}`);
}

function trainedOn({ name, holdOut, overfit }: Recipe, images: number): number {
  if (overfit !== null) return Math.min(overfit, images);
  if (holdOut < images) return images - holdOut;
  throw new UsageError(
    `recipe ${name}: holdOut must leave images to train on, got ${holdOut} of ${images}. Pass a smaller --hold-out.`,
  );
}

/** Counted where the data is there; otherwise what the paper's data sets have. */
async function imagesOf({ data, imageSize }: Recipe): Promise<{ images: number; classes: number }> {
  if (data !== null) {
    const train = await (await openData(data, note)).read('train');
    return { images: train.length, classes: train.classes.length };
  }
  return imageSize === 32 ? { images: 50_000, classes: 10 } : { images: 1_281_167, classes: 1000 };
}

/** As many pixels a timed batch as 128 images of CIFAR have; what is larger is timed in part. */
const PIXELS = 128 * 32 * 32;

async function timed(recipe: Recipe, model: tf.LayersModel, { timeSteps, timeBatch }: RecipeFlags): Promise<number> {
  const fitting = Math.max(2, Math.floor(PIXELS / recipe.imageSize ** 2));
  const batch = Math.min(recipe.batch, timeBatch ?? fitting);
  if (batch < recipe.batch) note(`timing batches of ${batch} images, ${recipe.batch / batch} to an iteration`);
  return ((await stepSeconds(model, batch, timeSteps)) * recipe.batch) / batch;
}
