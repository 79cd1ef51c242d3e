import { type HeatStripData, type LineChartData, type PlotLine, thinned } from '@resnet/charts';
import type { Net } from './net';

const words = { plain: 'plain', residual: 'residual' } as const;

/** Error of both nets along training: thin on batches, bold on test images (Figs. 1, 4 and 6). */
export const errorsOf = (nets: readonly Net[]): LineChartData => ({
  title: 'Error',
  x: { label: 'step', whole: true },
  y: { label: 'per cent', percent: true },
  lines: nets.flatMap(({ kind, train, test }): PlotLine[] => [
    { name: `${words[kind]}, training`, group: kind, width: 1, noisy: true, points: thinned(pointsOf(train), 500) },
    { name: `${words[kind]}, test`, group: kind, width: 2.5, points: pointsOf(test), dots: test.step.length < 30 },
  ]),
});

const pointsOf = ({ step, error }: Net['train']) => step.map((x, i) => ({ x, y: error[i]! }));

/** Responses against depth (Fig. 7), as they are now. */
export const responsesOf = (nets: readonly Net[]): LineChartData => ({
  title: 'Layer responses',
  x: { label: 'layer, from the input', whole: true },
  y: { label: 'standard deviation' },
  lines: nets.map(({ kind, layers }) => ({
    name: words[kind],
    points: layers.response.map((y, i) => ({ x: i + 1, y })),
    dots: true,
  })),
});

/** The gradient's norm by layer along training. */
export const gradientsOf = ({ kind, layers }: Net): HeatStripData => ({
  title: `Norm of the gradient by layer, ${words[kind]} net`,
  rows: layers.names,
  steps: layers.steps,
  values: layers.names.map((_, row) => layers.gradientNorm.map((column) => column[row] ?? null)),
});
