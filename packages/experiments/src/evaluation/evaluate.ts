import type { ClassifiedImage } from '@resnet/analysis';
import { type Dataset, datasetStatistics } from '@resnet/data';
import { type Evaluation, evaluate, scoreProbabilities } from '@resnet/trainer';
import type * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import type { ClassResult } from '../findings/by-class';
import type { OnNote } from '../note';
import { evaluationBatches } from '../run/batches';
import { openData, testSplitOf } from '../run/images';
import { collectAnswers } from './answers';
import { withClassesOf } from './classes';
import { preprocessingOfWeights } from './preprocessing';
import { scoreDataset } from './score';
import type { Preprocessing } from './single-view';
import type { TrainedNetwork } from './trained-network';
import { scaledViews, tenCrops, type ViewsOf } from './views';

/** Settings of {@link evaluateNetwork}. */
export interface EvaluateNetworkOptions {
  /** Archive or folder of images. Default: the data set of the network's run. */
  data?: string;
  /** Split to measure on. Default: `test`, or `val` where there is no `test`. */
  split?: string;
  /** Views per image. Default: the recipe's `crops`, or 1. */
  crops?: 1 | 10;
  /** Evaluates the whole image at these lengths of its shorter side, in place of crops. */
  scales?: readonly number[];
  /** Side of the crop in pixels, for weights without a run. Default: that of the images if all have one size, else 224. */
  imageSize?: number;
  /** Channel means, in place of the run's. */
  mean?: number[];
  /** Channel deviations, in place of the run's. */
  std?: number[];
  /** Subtracts the mean image of the training split, in place of other means. */
  perPixelMean?: boolean;
  /** Receives the progress of decoding. */
  onNote?: OnNote;
}

/** The result of an evaluation. */
export interface NetworkEvaluation {
  /** Share of images whose class is the most probable one. */
  top1: number;
  /** Share of images whose class is among the five most probable. */
  top5: number;
  /** Mean cross-entropy in nats. */
  loss: number;
  /** Images measured. */
  images: number;
  /** Images per second, reading included. */
  imagesPerSecond: number;
  /** Scores of each class, by index. */
  classes: ClassResult[];
  /** `confusion[truth][prediction]` counts images. */
  confusion: number[][];
}

/**
 * Measures a trained network on a data set, on the current backend: a single view, ten crops, or several scales (§3.4).
 *
 * @throws UsageError if no data set is named, or its classes are not the network's.
 */
export async function evaluateNetwork(
  network: TrainedNetwork,
  options: EvaluateNetworkOptions = {},
): Promise<NetworkEvaluation> {
  const { scales, crops = network.crops } = options;
  const { dataset, train } = await openEvaluationImages('evaluate', network, options);
  const preprocessing = await preprocessingFor(network, dataset, train, options);
  const model = await network.make(scales ? null : preprocessing.imageSize);
  try {
    checkClasses('evaluate', model, dataset);
    if (scales) return await multiView(model, dataset, scaledViews(preprocessing, scales));
    if (crops === 10) return await multiView(model, dataset, tenCrops(preprocessing));
    const { images, onScores } = collectAnswers();
    const measured = await evaluate(model, evaluationBatches(dataset, preprocessing), { onScores });
    return measuredOf(measured, images, dataset.classes);
  } finally {
    model.dispose();
  }
}

/** Images to evaluate on, and the training images of the same data set. */
interface EvaluationImages {
  dataset: Dataset;
  /** Name of the split of `dataset`. */
  split: string;
  train: () => Promise<Dataset>;
}

/**
 * Opens the images that a network is evaluated on, with its labels where it knows the names of its classes.
 *
 * @throws UsageError where neither the options nor the network name a data set, or where it has other classes.
 */
export async function openEvaluationImages(
  who: string,
  network: TrainedNetwork,
  { data, split, onNote }: Pick<EvaluateNetworkOptions, 'data' | 'split' | 'onNote'>,
): Promise<EvaluationImages> {
  const path = data ?? network.data;
  if (!path) throw new UsageError(`${who}: needs a data set, got none. Name one in data.`, { option: 'data' });
  const source = await openData(path, onNote);
  if (data === undefined && split === undefined && network.heldOut && source.splits.length === 1) {
    return { dataset: await network.heldOut(), split: 'held out', train: () => source.read('train') };
  }
  const chosen = split ?? testSplitOf(path, source.splits);
  const dataset = await source.read(chosen);
  return {
    dataset: network.classes ? withClassesOf(who, network.classes, dataset) : dataset,
    split: chosen,
    train: () => source.read('train'),
  };
}

/** @throws UsageError unless `model` tells as many classes apart as `dataset` has. */
export function checkClasses(who: string, model: tf.LayersModel, { classes }: Dataset): void {
  const [, count] = model.outputs[0]!.shape;
  if (count === classes.length) return;
  throw new UsageError(
    `${who}: the data must have the network's ${count} classes, got ${classes.length}. Use the data set it was trained for.`,
  );
}

/** The run's preprocessing, changed by the options. */
async function preprocessingFor(
  network: TrainedNetwork,
  { shape }: Dataset,
  train: () => Promise<Dataset>,
  { imageSize, mean, std, perPixelMean }: EvaluateNetworkOptions,
): Promise<Preprocessing> {
  const base = network.preprocessing ?? preprocessingOfWeights(imageSize ?? shape?.[0] ?? 224);
  if (!perPixelMean) return { ...base, ...(mean && { mean }), ...(std && { std }) };
  const { pixelMean } = await datasetStatistics(await train());
  if (pixelMean) return { ...base, mean: [...pixelMean], std: null };
  throw new UsageError(
    'evaluate: perPixelMean needs training images of one size, got images of varying size. Give mean and std.',
    { option: 'mean' },
  );
}

async function multiView(model: tf.LayersModel, dataset: Dataset, views: ViewsOf): Promise<NetworkEvaluation> {
  const { classified } = await import('@resnet/analysis');
  const { scored, seconds } = await scoreDataset(model, dataset, views);
  return measuredOf({ ...scoreProbabilities(scored), seconds }, scored.map(classified), dataset.classes);
}

async function measuredOf(
  { error, top5Error, loss, images, seconds }: Evaluation,
  answers: readonly ClassifiedImage[],
  names: readonly string[],
): Promise<NetworkEvaluation> {
  // Loaded here, so that a training run does not wait for plots.
  const [{ confusionOf }, { resultsByClass }] = await Promise.all([
    import('@resnet/analysis'),
    import('../findings/by-class'),
  ]);
  const confusion = confusionOf(answers, names.length);
  // A share of the images, without rounding noise.
  const right = (wrong: number): number => Math.round((1 - wrong) * images) / images;
  return {
    top1: right(error),
    top5: right(top5Error),
    loss,
    images,
    imagesPerSecond: images / seconds,
    classes: resultsByClass(confusion, names),
    confusion,
  };
}
