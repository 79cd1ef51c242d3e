import type { Dataset } from '@resnet/data';
import { loadWeights, type NamedWeights } from '@resnet/models';
import { readWeightsFile } from '@resnet/models/node';
import type * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import type { Recipe, RecipeModel } from '../recipe/schema';
import { openRunImages } from '../run/images';
import { networkOf } from '../run/network';
import { preparedOf, type SavedRun, unfinished } from '../run/saved-run';
import { type OpenPretrainedOptions, openPretrained } from '../weights/pretrained';
import type { Preprocessing } from './single-view';

/** A trained network and how its images are preprocessed. */
export interface TrainedNetwork {
  /** Name in the model zoo. */
  readonly name: string;
  /** The network, as `createModel` makes it. */
  readonly model: RecipeModel;
  /** How its images were preprocessed; null where nobody says. */
  readonly preprocessing: Preprocessing | null;
  /** Names of the classes, by index; null where nobody says. */
  readonly classes: readonly string[] | null;
  /** The data set of its run; null for weights without a run. */
  readonly data: string | null;
  /** Images of its run's data that were held out of training; what is measured where the data has no test images. */
  readonly heldOut?: () => Promise<Dataset>;
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
  const file = run.weights ?? unfinished(run.directory, 'must be a finished run, got no weights.safetensors');
  return {
    name: recipe.model.name,
    model: recipe.model,
    preprocessing,
    classes,
    data: recipe.data,
    heldOut: async () => (await openRunImages(recipe)).test,
    crops: recipe.crops,
    make: async (imageSize) =>
      withWeights(recipe.model, await readWeightsFile(file, { links: 'refuse' }), classes.length, imageSize),
  };
}

/**
 * A network of the model zoo with weights from a file, without a run.
 *
 * @param source As `openPretrained` takes it: a file, a run folder or a name.
 * @throws As `openPretrained`.
 */
export async function networkOfWeights(source: string, options: OpenPretrainedOptions = {}): Promise<TrainedNetwork> {
  const { weights, model, classes, preprocessing } = await openPretrained(source, options);
  return {
    name: model.name,
    model,
    preprocessing,
    classes,
    data: null,
    crops: 1,
    make: async (imageSize) => withWeights(model, weights, classesIn(source, weights), imageSize),
  };
}

function withWeights(
  model: RecipeModel,
  weights: NamedWeights,
  classes: number,
  imageSize: number | null,
): tf.LayersModel {
  const network = networkOf({ model, seed: 0 }, classes, imageSize);
  loadWeights(network, weights);
  return network;
}

/** The rows of the last linear layer, whatever its name. */
function classesIn(source: string, weights: NamedWeights): number {
  const last = [...weights].findLast(([name, { shape }]) => name.endsWith('.weight') && shape.length === 2);
  if (last) return last[1].shape[0]!;
  throw new UsageError(
    `${source}: must have a linear layer, got none, so its classes are not known. Is it a ResNet's weights?`,
  );
}
