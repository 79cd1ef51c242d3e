import * as tf from '@tensorflow/tfjs';
import { type Image, type Preprocessing, preprocessImage } from '../evaluation/single-view';

/** A class that an image may be of. */
export interface Classification {
  /** Name of the class; `class N` where names are not known. */
  label: string;
  /** From 0 to 1; the probabilities of all classes add up to 1. */
  probability: number;
}

/** A trained network that names what images show. */
export interface Classifier<Source> {
  /** Names of the classes, by index; null where they are not known. */
  readonly labels: readonly string[] | null;
  /** How images become what the network sees: as in the run that trained it. */
  readonly preprocessing: Preprocessing;
  /** The `top` most probable classes of an image, the most probable first. Default: 5. */
  classify(image: Source, top?: number): Promise<Classification[]>;
  /** The scores of all classes before softmax, by index. */
  logits(image: Source): Promise<Float32Array>;
  /** Frees the network. */
  dispose(): void;
}

/** What a classifier is made of. */
export interface ClassifierParts<Source> {
  /** Gives logits `[n, classes]`; the classifier's. */
  model: tf.LayersModel;
  /** Names of the classes, by index; null where they are not known. */
  labels: readonly string[] | null;
  /** Of its training. */
  preprocessing: Preprocessing;
  /** Pixels of what is classified. */
  pixelsOf(source: Source): Image | Promise<Image>;
}

/** A classifier of a network and the preprocessing of its run, on the current backend. */
export function classifierOf<Source>(parts: ClassifierParts<Source>): Classifier<Source> {
  const { model, labels, preprocessing, pixelsOf } = parts;
  return {
    labels,
    preprocessing,
    classify: async (source, top = 5) => {
      const [probabilities] = await singleViewProbabilities(model, preprocessing, [await pixelsOf(source)]);
      return mostProbable(probabilities!, top).map((index) => ({
        label: labelOf(labels, index),
        probability: probabilities![index]!,
      }));
    },
    logits: async (source) => {
      const [logits] = await perImage(model, preprocessing, [await pixelsOf(source)], (scores) => scores);
      return logits!;
    },
    dispose: () => model.dispose(),
  };
}

/** The name of a class; `class N` where names are not known. */
export const labelOf = (labels: readonly string[] | null, index: number): string => labels?.[index] ?? `class ${index}`;

/** Class probabilities of images of any size, each from its single view; they run together. */
export const singleViewProbabilities = (
  model: tf.LayersModel,
  preprocessing: Preprocessing,
  images: readonly Image[],
): Promise<Float32Array[]> => perImage(model, preprocessing, images, (logits) => tf.softmax(logits));

/** Indices of the largest probabilities, the largest first, lower indices first where they are equal. */
export const mostProbable = (probabilities: ArrayLike<number>, count: number): number[] =>
  Array.from(probabilities, (_, index) => index)
    .sort((a, b) => probabilities[b]! - probabilities[a]! || a - b)
    .slice(0, count);

async function perImage(
  model: tf.LayersModel,
  preprocessing: Preprocessing,
  images: readonly Image[],
  of: (logits: tf.Tensor) => tf.Tensor,
): Promise<Float32Array[]> {
  if (images.length === 0) return [];
  const result = tf.tidy(() => {
    const views = images.map((image) => {
      const { data, height, width, channels } = preprocessImage(preprocessing, image);
      return tf.tensor3d(data, [height, width, channels]);
    });
    return of(model.predictOnBatch(tf.stack(views)) as tf.Tensor);
  });
  const values = await result.data<'float32'>();
  const classes = result.shape.at(-1)!;
  result.dispose();
  return images.map((_, i) => Float32Array.from(values.subarray(i * classes, (i + 1) * classes)));
}
