import { argMax, scoreViews } from '@resnet/analysis';
import { centerCrop, resizeShorter } from '@resnet/augment';
import { decodeImage, type LabeledImage } from '@resnet/data';
import {
  type Preprocessing,
  type SubjectFlags,
  shorterSideFor,
  subjectOf,
  type ViewsOf,
  wholeView,
} from '@resnet/experiments';
import { readBytes } from '@resnet/files';
import type * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import { print, printJson } from '../output';

/** What the command line gives. */
export interface PredictFlags extends SubjectFlags {
  top: number;
  mean?: number[];
  std?: number[];
  imageSize?: number;
  classes?: string[];
  json?: boolean;
}

/** A guess. */
interface Guess {
  class: string;
  index: number;
  probability: number;
}

/** `resnet predict`. */
export async function predict(files: string[], flags: PredictFlags): Promise<void> {
  const subject = await subjectOf(flags);
  const preprocessing = subject.preprocessing ?? fromFlags(flags);
  const model = await subject.network(preprocessing.imageSize);
  const classes = namesOf(flags.classes ?? subject.classes, model);
  const viewsOf = fitted(preprocessing);
  const predictions = [];
  for (const file of files) {
    const [probabilities] = await scoreViews(model, [viewsOf(await read(file))]);
    predictions.push({ image: file, predictions: best(probabilities!, flags.top, classes) });
  }
  if (flags.json) return printJson(predictions);
  for (const { image, predictions: guesses } of predictions) {
    print(image);
    for (const guess of guesses) print(`  ${(100 * guess.probability).toFixed(1).padStart(5)} %  ${guess.class}`);
  }
}

function fromFlags({ imageSize, mean, std }: PredictFlags): Preprocessing {
  if (imageSize === undefined) {
    throw new UsageError(
      'predict: weights alone do not tell the image size. Pass --image-size, and --mean and --std as in training.',
    );
  }
  return { imageSize, shorterSide: null, mean: mean ?? null, std: std ?? null };
}

/** One name a class, or none at all. */
function namesOf(names: readonly string[] | null, model: tf.LayersModel): readonly string[] | null {
  const [, count] = model.outputs[0]!.shape;
  if (names === null || names.length === count) return names;
  throw new UsageError(
    `predict: --classes must name all ${count} classes, got ${names.length}. Leave it out for numbers.`,
  );
}

async function read(file: string): Promise<LabeledImage['image']> {
  return decodeImage(await readBytes(file, { links: 'follow', who: 'predict' }), file);
}

/** Images of any size are brought to the size of training: those of one size as a whole, others by their centre. */
const fitted = (preprocessing: Preprocessing): ViewsOf => {
  const { imageSize, shorterSide } = preprocessing;
  const view = wholeView(preprocessing);
  return (image) =>
    image.height === imageSize && image.width === imageSize
      ? view(image)
      : view(centerCrop(resizeShorter(image, shorterSide === null ? imageSize : shorterSideFor(imageSize)), imageSize));
};

function best(probabilities: Float64Array, count: number, classes: readonly string[] | null): Guess[] {
  const left = Array.from(probabilities);
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const index = argMax(left);
    const probability = left[index]!;
    left[index] = Number.NEGATIVE_INFINITY;
    return { class: classes?.[index] ?? `class ${index}`, index, probability };
  });
}
