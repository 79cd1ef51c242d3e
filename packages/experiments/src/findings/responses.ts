import {
  type Findings,
  type LayerResponse,
  layerResponses,
  linePlot,
  type PlotLine,
  rankResponses,
} from '@resnet/analysis';
import { isResidual } from '../recipe/architecture';
import { endOf } from './moments';
import { digits, mean } from './numbers';
import { sampleOf } from './sample';
import type { TrainedRun } from './trained-run';

/** Layer responses of the network of one run. */
export interface RunResponses {
  /** Name of the run. */
  label: string;
  /** Whether the network has shortcuts. */
  residual: boolean;
  /** Iterations done. */
  step: number;
  /** Response of each 3×3 layer, from the input. */
  responses: LayerResponse[];
}

/** Layer responses (Fig. 7) of some runs, on `images` test images. */
export async function measureResponses(runs: readonly TrainedRun[], images: number): Promise<RunResponses[]> {
  const measured: RunResponses[] = [];
  for (const run of runs) {
    const sample = await sampleOf(run, 'test', images);
    const end = await endOf(run);
    const responses = await end.with((model) => layerResponses(model, [sample.images]));
    sample.images.dispose();
    measured.push({ label: run.label, residual: isResidual(run.recipe), step: end.step, responses });
  }
  return measured;
}

/** Figures, table and conclusion of {@link measureResponses}. */
export const responseFindings = (measured: readonly RunResponses[]): Findings => ({
  figures: [
    responseFigure('responses', 'Layer responses', 'layer, from the input', measured, (responses) => responses),
    responseFigure('responses-ranked', 'Layer responses, ranked', 'rank, strongest first', measured, rankResponses),
  ],
  tables: [
    {
      caption: 'Standard deviation after batch normalization, before ReLU and addition.',
      columns: ['net', 'iteration', '3×3 layers', 'mean', 'smallest', 'largest'],
      rows: measured.map(({ label, step, responses }) => {
        const values = responses.map(({ std }) => std);
        return [label, step, values.length, ...[mean(values), Math.min(...values), Math.max(...values)].map(digits)];
      }),
    },
  ],
  conclusion: measured.map(
    ({ label, step, responses }) =>
      `${label}: after ${step.toLocaleString('en-US')} iterations the mean response of its ${responses.length} 3×3 layers is ${digits(mean(responses.map(({ std }) => std)))}.`,
  ),
});

const responseFigure = (
  name: string,
  title: string,
  x: string,
  measured: readonly RunResponses[],
  order: (responses: readonly LayerResponse[]) => readonly LayerResponse[],
) => ({
  name,
  draw: (width: number) =>
    linePlot({
      title,
      subtitle: 'Standard deviation of the output of each 3×3 layer, as Fig. 7',
      width,
      height: 340,
      x: { label: x, whole: true },
      y: { label: 'standard deviation (batch-normalized units)' },
      lines: measured.map(
        ({ label, residual, responses }): PlotLine => ({
          name: label,
          points: order(responses).map(({ std }, i) => ({ x: i + 1, y: std })),
          dashed: !residual,
          dots: responses.length < 40,
        }),
      ),
    }),
});
