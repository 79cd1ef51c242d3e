import {
  barPlot,
  calibration,
  confusionMatrix,
  errorByClass,
  type Findings,
  galleryPlot,
  linePlot,
  matrixPlot,
  mostWrong,
  type ReportFigure,
  type ScoredImage,
  scoreViews,
} from '@resnet/analysis';
import { toBytes } from '@resnet/augment';
import type { Dataset } from '@resnet/data';
import { scoreProbabilities } from '@resnet/trainer';
import type * as tf from '@tensorflow/tfjs';
import { chunks, type ViewsOf } from '../evaluation/views';
import { digits, percent } from './numbers';

/** One way to test. */
export interface Protocol {
  name: string;
  views: ViewsOf;
  /** Made for the size of these views; one that takes any size does for all. */
  model: tf.LayersModel;
}

/** What one way to test gave. */
export interface Tested {
  name: string;
  scored: ScoredImage[];
  seconds: number;
}

/** Scores every image of `dataset` by the average over its views. */
export async function testBy({ name, views, model }: Protocol, dataset: Dataset): Promise<Tested> {
  const start = performance.now();
  const scored: ScoredImage[] = [];
  for await (const samples of chunks(dataset, 50)) {
    const scores = await scoreViews(
      model,
      samples.map(({ image }) => views(image)),
    );
    samples.forEach(({ label }, i) => {
      scored.push({ label, probabilities: [...scores[i]!] });
    });
  }
  return { name, scored, seconds: (performance.now() - start) / 1000 };
}

/** Compares ways to test; the first one's mistakes are shown in detail. */
export async function testingFindings(
  tested: readonly [Tested, ...Tested[]],
  dataset: Dataset,
  model: string,
): Promise<Findings> {
  const [{ scored, name }] = tested;
  const { classes } = dataset;
  const matrix = confusionMatrix(scored);
  const { bins, expectedError } = calibration(scored, 10);
  const errors = tested.map((one) => ({ ...one, ...scoreProbabilities(one.scored) }));
  return {
    figures: [
      confusionFigure(matrix, classes, `${model}, ${scored.length} images, ${name}`),
      classFigure(errorByClass(matrix), classes, model),
      calibrationFigure(bins, expectedError, model),
      ...(await mistakesFigure(scored, dataset, model)),
    ],
    tables: [
      {
        columns: ['testing', 'images', 'top-1 error (%)', 'top-5 error (%)', 'loss (nats)', 'time (s)'],
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

const confusionFigure = (values: number[][], names: readonly string[], subtitle: string): ReportFigure => ({
  name: 'confusion',
  draw: (width) =>
    matrixPlot({
      title: 'Confusion matrix (images)',
      subtitle,
      width: Math.min(width, 560),
      rows: 'true class',
      columns: 'predicted class',
      names,
      values,
    }),
});

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

async function mistakesFigure(
  scored: readonly ScoredImage[],
  dataset: Dataset,
  model: string,
): Promise<ReportFigure[]> {
  const mistakes = mostWrong(scored, 18);
  if (mistakes.length === 0) return [];
  const draw = await galleryPlot(
    await Promise.all(
      mistakes.map(async ({ index, label, predicted, confidence }) => {
        const { data, height, width, channels } = toBytes((await dataset.read(index)).image);
        return {
          image: { data: Uint8Array.from(data), height, width, channels },
          caption: `${dataset.classes[label]} → ${dataset.classes[predicted]} ${(100 * confidence).toFixed(0)}\u00a0%`,
        };
      }),
    ),
  );
  return [
    {
      name: 'most-wrong',
      draw: (width) =>
        draw({ title: `Surest mistakes, ${model}`, subtitle: 'true class → predicted class, probability', width }),
    },
  ];
}
