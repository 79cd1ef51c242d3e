import type { Trust } from '@resnet/files';
import { loadWeights, type ReadWeightsOptions } from '@resnet/models';
import { readWeightsFile } from '@resnet/models/node';
import type * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import type { Recipe } from '../recipe/schema';
import { networkOf } from '../run/network';
import { preparedOf, type SavedRun, unfinished } from '../run/saved-run';
import type { Preprocessing } from './preprocessing';

/** A trained network and what is known of its images. */
export interface TrainedNetwork {
  /** Name in the model zoo. */
  readonly name: string;
  /** Preprocessing of its run; null where weights came alone. */
  readonly preprocessing: Preprocessing | null;
  /** Names of the classes, by index; null where weights came alone. */
  readonly classes: readonly string[] | null;
  /** The data set of its run; null where weights came alone. */
  readonly data: string | null;
  /** Views per image that an evaluation takes. */
  readonly crops: Recipe['crops'];
  /**
   * Makes the network with its weights, on the current backend; the caller disposes of it.
   *
   * @param imageSize Side of its images in pixels; null for a network that takes any size.
   */
  make(imageSize: number | null): Promise<tf.LayersModel>;
}

/**
 * The trained network of a finished run.
 *
 * @throws UsageError for a run that has not finished.
 */
export function networkOfRun(run: SavedRun): TrainedNetwork {
  const { recipe } = run;
  const { classes, preprocessing } = preparedOf(run);
  const weights = run.weights ?? unfinished(run.directory, 'must be a finished run, got no weights.safetensors');
  return {
    name: recipe.model.name,
    preprocessing,
    classes,
    data: recipe.data,
    crops: recipe.crops,
    make: (imageSize) => withWeights(recipe, weights, classes.length, imageSize, { links: 'refuse' }),
  };
}

/**
 * A network of the zoo with weights that come without their run.
 *
 * @param weights Path of a safetensors or PyTorch file.
 * @param options Which weights of a checkpoint.
 */
export const networkOfWeights = (
  model: Recipe['model'],
  weights: string,
  options: ReadWeightsOptions = {},
): TrainedNetwork => ({
  name: model.name,
  preprocessing: null,
  classes: null,
  data: null,
  crops: 1,
  make: async (imageSize) =>
    withWeights({ model, seed: 0 }, weights, await classesIn(weights, options), imageSize, options),
});

async function withWeights(
  recipe: Pick<Recipe, 'model' | 'seed'>,
  file: string,
  classes: number,
  imageSize: number | null,
  options?: Trust & ReadWeightsOptions,
): Promise<tf.LayersModel> {
  const weights = await readWeightsFile(file, options);
  const model = networkOf(recipe, classes, imageSize);
  loadWeights(model, weights);
  return model;
}

/** The rows of the last linear layer, whatever its name. */
async function classesIn(file: string, options: ReadWeightsOptions): Promise<number> {
  const weights = await readWeightsFile(file, options);
  const last = [...weights].findLast(([name, { shape }]) => name.endsWith('.weight') && shape.length === 2);
  if (last) return last[1].shape[0]!;
  throw new UsageError(
    `${file}: must have a linear layer, got none, so its classes are not known. Is it a ResNet's weights?`,
  );
}
