import {
  barPlot,
  calibration,
  confusionMatrix,
  errorByClass,
  type Findings,
  linePlot,
  mostWrong,
  type ReportFigure,
  type ScoredImage,
} from '@resnet/analysis';
import type { Dataset } from '@resnet/data';
import { scoreProbabilities } from '@resnet/trainer';
import type * as tf from '@tensorflow/tfjs';
import { scoreDataset } from '../evaluation/score';
import type { Preprocessing } from '../evaluation/single-view';
import type { TrainedNetwork } from '../evaluation/trained-network';
import { scaledViews, singleView, tenCrops, type ViewsOf } from '../evaluation/views';
import { confusionFigure } from './by-class';
import { mistakesFigure } from './mistakes';
import { digits, percent } from './numbers';

/** One way to evaluate: the views of each image, and a network made for their size. */
export interface EvaluationProtocol {
  /** Name in tables. */
  name: string;
  /** Makes the views of an image. */
  views: ViewsOf;
  /** The network, made for the size of these views or for any size. */
  model: tf.LayersModel;
}

/** Scores of one way to evaluate. */
export interface ProtocolScores {
  /** Name of the protocol. */
  name: string;
  /** Label and probabilities of every image. */
  scored: ScoredImage[];
  /** Seconds for all images, reading included. */
  seconds: number;
}

/** Scores every image of `dataset` by the average over its views. */
export const scoreBy = async (
  { name, views, model }: EvaluationProtocol,
  dataset: Dataset,
): Promise<ProtocolScores> => ({ name, ...(await scoreDataset(model, dataset, views)) });

/**
 * A single view, ten crops and, for each of `sides`, the whole image at that length of its shorter side (§3.4).
 *
 * @param network Made once for crops and, where there are `sides`, once for any size.
 */
export async function evaluationProtocols(
  network: TrainedNetwork,
  preprocessing: Preprocessing,
  sides: readonly number[],
): Promise<[EvaluationProtocol, ...EvaluationProtocol[]]> {
  const model = await network.make(preprocessing.imageSize);
  return [
    { name: 'single view', views: singleView(preprocessing), model },
    { name: '10 crops', views: tenCrops(preprocessing), model },
    ...(sides.length > 0
      ? [
          {
            name: `scales ${sides.join(', ')}`,
            views: scaledViews(preprocessing, sides),
            model: await network.make(null),
          },
        ]
      : []),
  ];
}

/** Scores a data set by each protocol in turn. */
export async function scoreByEach(
  [first, ...rest]: readonly [EvaluationProtocol, ...EvaluationProtocol[]],
  dataset: Dataset,
): Promise<[ProtocolScores, ...ProtocolScores[]]> {
  const scores: [ProtocolScores, ...ProtocolScores[]] = [await scoreBy(first, dataset)];
  for (const protocol of rest) scores.push(await scoreBy(protocol, dataset));
  return scores;
}

/** Compares ways to evaluate and shows the mistakes of the first in detail. */
export async function evaluationFindings(
  scores: readonly [ProtocolScores, ...ProtocolScores[]],
  dataset: Dataset,
  model: string,
): Promise<Findings> {
  const [{ scored, name }] = scores;
  const { classes } = dataset;
  const matrix = confusionMatrix(scored);
  const { bins, expectedError } = calibration(scored, 10);
  const errors = scores.map((one) => ({ ...one, ...scoreProbabilities(one.scored) }));
  return {
    figures: [
      ...confusionFigure(matrix, classes, `${model}, ${scored.length} images, ${name}`),
      classFigure(errorByClass(matrix), classes, model),
      calibrationFigure(bins, expectedError, model),
      ...(await mistakesFigure(mostWrong(scored, 18), dataset, model)),
    ],
    tables: [
      {
        columns: ['evaluation', 'images', 'top-1 error (%)', 'top-5 error (%)', 'loss (nats)', 'time (s)'],
        rows: errors.map((one) => [
          one.name,
          one.images,
          ...[one.error, one.top5Error].map(percent),
          one.loss.toFixed(3),
          one.seconds.toFixed(1),
        ]),
      },
    ],
    conclusion: [
      `${model} errs on ${percent(errors[0]!.error)} % of ${scored.length} images with ${name}; its expected calibration error is ${percent(expectedError)} points.`,
      ...errors.slice(1).map((one) => compared(one, errors[0]!)),
    ],
  };
}

function compared(one: { name: string; scored: ScoredImage[]; error: number }, first: typeof one): string {
  const images = first.scored.length;
  const points = 100 * (one.error - first.error);
  return `${one.name}: ${Math.abs(points).toFixed(2)} points ${points > 0 ? 'more' : points < 0 ? 'fewer' : 'of difference in'} errors on the same ${images} images (one image is ${digits(100 / images)} points).`;
}

const classFigure = (errors: readonly number[], names: readonly string[], model: string): ReportFigure => ({
  name: 'error-by-class',
  draw: (width) =>
    barPlot({
      title: `Error by class, ${model}`,
      width,
      value: { label: 'error (%)', percent: true },
      bars: errors.flatMap((value, i) => (Number.isNaN(value) ? [] : [{ name: names[i]!, value }])),
    }),
});

const calibrationFigure = (
  bins: ReturnType<typeof calibration>['bins'],
  expectedError: number,
  model: string,
): ReportFigure => ({
  name: 'calibration',
  draw: (width) =>
    linePlot({
      title: `Calibration, ${model}`,
      subtitle: `Expected calibration error ${percent(expectedError)} points, 10 intervals`,
      width,
      height: 320,
      x: { label: 'confidence (%)', percent: true, domain: [0, 100] },
      y: { label: 'images classified correctly (%)', percent: true, domain: [0, 100] },
      lines: [
        {
          name: model,
          dots: true,
          points: bins.filter(({ images }) => images > 0).map(({ confidence, accuracy: y }) => ({ x: confidence, y })),
        },
        {
          name: 'perfectly calibrated',
          dashed: true,
          width: 1,
          points: [
            { x: 0, y: 0 },
            { x: 1, y: 1 },
          ],
        },
      ],
    }),
});
