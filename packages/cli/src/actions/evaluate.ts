import { type ScoredImage, scoreViews } from '@resnet/analysis';
import { type Dataset, datasetStatistics } from '@resnet/data';
import {
  checkClasses,
  chunks,
  fitted,
  openData,
  type Preprocessing,
  type Subject,
  type SubjectFlags,
  scales,
  shorterSideFor,
  subjectOf,
  tenCrops,
  testBatches,
  testSplit,
  type ViewsOf,
} from '@resnet/experiments';
import { type Evaluation, evaluate as measure, scoreProbabilities } from '@resnet/trainer';
import type * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import { note, print, printJson } from '../output';

/** What the command line gives. */
export interface EvaluateFlags extends SubjectFlags {
  data?: string;
  split?: string;
  mean?: number[];
  std?: number[];
  perPixelMean?: boolean;
  imageSize?: number;
  crops?: '1' | '10';
  scales?: number[];
  json?: boolean;
}

/** What is reported; shares of images, the loss in nats. */
interface Measured {
  top1: number;
  top5: number;
  loss: number;
  images: number;
  imagesPerSecond: number;
}

/** `resnet evaluate`. */
export async function evaluate(flags: EvaluateFlags): Promise<void> {
  const subject = await subjectOf(flags);
  const path = flags.data ?? subject.data;
  if (!path) throw new UsageError('evaluate: needs a data set. Pass --data PATH.');
  const source = await openData(path, note);
  const dataset = await source.read(flags.split ?? testSplit(path, source.splits));
  const preprocessing = await preprocessingOf(flags, subject, dataset, () => source.read('train'));
  const measured = await measureOn(flags, subject, dataset, preprocessing);
  if (flags.json) return printJson(measured);
  const percent = (value: number) => `${(100 * value).toFixed(2)} %`;
  print(`top-1 ${percent(measured.top1)}, top-5 ${percent(measured.top5)}, loss ${measured.loss.toFixed(4)}`);
  print(`${measured.images} images, ${measured.imagesPerSecond.toFixed(0)} a second`);
}

async function measureOn(
  { crops, scales: sides }: EvaluateFlags,
  subject: Subject,
  dataset: Dataset,
  preprocessing: Preprocessing,
): Promise<Measured> {
  const model = await subject.network(sides ? null : preprocessing.imageSize);
  checkClasses('evaluate', model, dataset);
  if (sides) return multiView(model, dataset, scales(preprocessing, sides));
  if (Number(crops ?? subject.crops) === 10) return multiView(model, dataset, tenCrops(preprocessing));
  return measuredOf(await measure(model, testBatches(dataset, preprocessing)));
}

async function multiView(model: tf.LayersModel, dataset: Dataset, viewsOf: ViewsOf): Promise<Measured> {
  const start = performance.now();
  const scored: ScoredImage[] = [];
  for await (const samples of chunks(dataset, 25)) {
    const scores = await scoreViews(
      model,
      samples.map(({ image }) => viewsOf(image)),
    );
    samples.forEach(({ label }, i) => {
      scored.push({ label, probabilities: scores[i]! });
    });
  }
  return measuredOf({ ...scoreProbabilities(scored), seconds: (performance.now() - start) / 1000 });
}

function measuredOf({ error, top5Error, loss, images, seconds }: Evaluation): Measured {
  // A share of the images, without rounding noise.
  const right = (wrong: number): number => Math.round((1 - wrong) * images) / images;
  return { top1: right(error), top5: right(top5Error), loss, images, imagesPerSecond: images / seconds };
}

/** What fits the images where weights came alone. */
function basis({ imageSize: given }: EvaluateFlags, { shape }: Dataset): Preprocessing {
  const imageSize = given ?? shape?.[0] ?? 224;
  const fits = shape?.[0] === imageSize && shape[1] === imageSize;
  return { imageSize, shorterSide: fits ? null : shorterSideFor(imageSize), mean: null, std: null };
}

/** The run's own preprocessing, unless the flags say otherwise. */
async function preprocessingOf(
  flags: EvaluateFlags,
  subject: Subject,
  dataset: Dataset,
  trainingImages: () => Promise<Dataset>,
): Promise<Preprocessing> {
  const base = subject.preprocessing ? fitted(subject.preprocessing, dataset) : basis(flags, dataset);
  if (flags.perPixelMean) {
    const { pixelMean } = await datasetStatistics(await trainingImages());
    if (!pixelMean) throw new UsageError('evaluate: --per-pixel-mean needs images of one size. Pass --mean and --std.');
    return { ...base, mean: [...pixelMean], std: null };
  }
  return { ...base, ...(flags.mean && { mean: flags.mean }), ...(flags.std && { std: flags.std }) };
}
