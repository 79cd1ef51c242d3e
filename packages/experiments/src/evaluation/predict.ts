import type * as tf from '@tensorflow/tfjs';
import { labelOf, mostProbable, singleViewProbabilities } from '../classifier/classify';
import { UsageError } from '../errors';
import { preprocessingOfWeights } from './preprocessing';
import type { Image, Preprocessing } from './single-view';
import type { TrainedNetwork } from './trained-network';

/** Settings of {@link imagePredictor}. */
export interface ImagePredictorOptions {
  /** Names of the classes, by index. Default: those that the network is known by. */
  classes?: readonly string[];
  /** Side of the crop in pixels, where weights do not tell. */
  imageSize?: number;
  /** Channel means of training, where weights do not tell. */
  mean?: number[];
  /** Channel deviations of training, where weights do not tell. */
  std?: number[];
}

/** The probability of a class. */
export interface ClassProbability {
  /** Its name; `class N` where names are not known. */
  class: string;
  /** Its index. */
  index: number;
  /** From 0 to 1; the probabilities of all classes add up to 1. */
  probability: number;
}

/** A network ready to classify images. */
export interface ImagePredictor {
  /** The `top` most probable classes of an image of any size, the most probable first. Default: 5. */
  predict(image: Image, top?: number): Promise<ClassProbability[]>;
  /** The same for several images, which run together. */
  predictAll(images: readonly Image[], top?: number): Promise<ClassProbability[][]>;
  /** Frees the network. */
  dispose(): void;
}

/**
 * Loads a trained network to predict the classes of images, each from its single view, as `evaluateNetwork` does.
 *
 * @throws UsageError where weights do not tell their preprocessing and `imageSize` is missing, or `classes` does not name every class.
 */
export async function imagePredictor(
  network: TrainedNetwork,
  options: ImagePredictorOptions = {},
): Promise<ImagePredictor> {
  const preprocessing = preprocessingOf(network.preprocessing, options);
  const model = await network.make(preprocessing.imageSize);
  const classes = classesOf(options.classes ?? network.classes, model);
  const predictAll: ImagePredictor['predictAll'] = async (images, top = 5) => {
    const scored = await singleViewProbabilities(model, preprocessing, images);
    return scored.map((probabilities) =>
      mostProbable(probabilities, top).map((index) => ({
        class: labelOf(classes, index),
        index,
        probability: probabilities[index]!,
      })),
    );
  };
  return {
    predict: async (image, top) => (await predictAll([image], top))[0]!,
    predictAll,
    dispose: () => model.dispose(),
  };
}

/** What is known, changed by what is given. */
function preprocessingOf(known: Preprocessing | null, { imageSize, mean, std }: ImagePredictorOptions): Preprocessing {
  if (known && (imageSize === undefined || imageSize === known.imageSize)) {
    return { ...known, ...(mean && { mean }), ...(std && { std }) };
  }
  if (imageSize !== undefined) {
    return preprocessingOfWeights(imageSize, { mean: mean ?? known?.mean, std: std ?? known?.std });
  }
  throw new UsageError(
    'predict: imageSize must be given where weights come alone, got none. Give it, and mean and std as in training.',
    { option: 'imageSize' },
  );
}

function classesOf(names: readonly string[] | null, model: tf.LayersModel): readonly string[] | null {
  const [, count] = model.outputs[0]!.shape;
  if (names === null || names.length === count) return names;
  throw new UsageError(
    `predict: classes must name all ${count} classes, got ${names.length}. Leave it out for numbers.`,
    {
      option: 'classes',
    },
  );
}
