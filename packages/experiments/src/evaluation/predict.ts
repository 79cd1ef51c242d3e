import type * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import { type Image, type Preprocessing, preprocessingOfWeights } from './preprocessing';
import type { TrainedNetwork } from './trained-network';
import { singleView } from './views';

/** Settings of {@link imagePredictor}. */
export interface ImagePredictorOptions {
  /** Names of the classes, by index. Default: those of the run. */
  classes?: readonly string[];
  /** Side of the crop in pixels, where weights came alone. */
  imageSize?: number;
  /** Channel means of training, where weights came alone. */
  mean?: number[];
  /** Channel deviations of training, where weights came alone. */
  std?: number[];
}

/** A class that an image may be of. */
export interface ClassProbability {
  /** Its name; `class N` where names are not known. */
  class: string;
  /** Its index. */
  index: number;
  /** From 0 to 1; the probabilities of all classes add up to 1. */
  probability: number;
}

/** A network ready to name what images show. */
export interface ImagePredictor {
  /** The `top` most probable classes of an image of any size, the most probable first. Default: 5. */
  predict(image: Image, top?: number): Promise<ClassProbability[]>;
  /** Frees the network. */
  dispose(): void;
}

/**
 * Loads a trained network to predict the classes of images, each from its single view, as `evaluateNetwork` does.
 *
 * @throws UsageError where weights came alone and `imageSize` is missing, or `classes` does not name every class.
 */
export async function imagePredictor(
  network: TrainedNetwork,
  options: ImagePredictorOptions = {},
): Promise<ImagePredictor> {
  const { argMax, scoreViews } = await import('@resnet/analysis');
  const preprocessing = network.preprocessing ?? preprocessingOf(options);
  const model = await network.make(preprocessing.imageSize);
  const classes = classesOf(options.classes ?? network.classes, model);
  const views = singleView(preprocessing);
  return {
    async predict(image, top = 5) {
      const [probabilities] = await scoreViews(model, [views(image)]);
      return mostProbable(probabilities!, top, classes, argMax);
    },
    dispose: () => model.dispose(),
  };
}

function preprocessingOf({ imageSize, mean, std }: ImagePredictorOptions): Preprocessing {
  if (imageSize !== undefined) return preprocessingOfWeights(imageSize, { mean, std });
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

function mostProbable(
  probabilities: Float64Array,
  count: number,
  classes: readonly string[] | null,
  argMax: (values: ArrayLike<number>) => number,
): ClassProbability[] {
  const left = Array.from(probabilities);
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const index = argMax(left);
    const probability = left[index]!;
    left[index] = Number.NEGATIVE_INFINITY;
    return { class: classes?.[index] ?? `class ${index}`, index, probability };
  });
}
