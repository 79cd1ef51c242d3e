import { type Findings, linePlot, type PlotLine, type ResidualRatio, residualRatios } from '@resnet/analysis';
import { momentsOf } from './moments';
import { digits, mean } from './numbers';
import { sampleOf } from './sample';
import type { TrainedRun } from './trained-run';

/** Ratio of residual branch to input in the network of one run at one moment. */
export interface RunRatios {
  /** Name of the run. */
  label: string;
  /** Iterations done. */
  step: number;
  /** Ratio of each block, from the input. */
  ratios: ResidualRatio[];
}

/** Norm of each residual branch over that of its input, at each kept moment of some runs, on `images` test images. */
export async function measureRatios(runs: readonly TrainedRun[], images: number): Promise<RunRatios[]> {
  const measured: RunRatios[] = [];
  for (const run of runs) {
    const sample = await sampleOf(run, 'test', images);
    for (const moment of await momentsOf(run)) {
      const ratios = await moment.with((model) => residualRatios(model, [sample.images]));
      measured.push({ label: run.label, step: moment.step, ratios });
    }
    sample.images.dispose();
  }
  return measured;
}

/** Figures, table and conclusion of {@link measureRatios}. */
export function ratioFindings(measured: readonly RunRatios[]): Findings {
  const labels = [...new Set(measured.map(({ label }) => label))];
  const of = (label: string) => measured.filter((one) => one.label === label);
  return {
    figures: labels.map((label) => ({
      name: `residual-ratio-${label.replace(/\W+/g, '-')}`,
      draw: (width) => drawRatios(label, of(label), width),
    })),
    tables: [
      {
        caption: '‖branch(x)‖ / ‖x‖: at 0 a block is its shortcut alone.',
        columns: ['net', 'iteration', 'mean', 'smallest', 'largest'],
        rows: measured.map(({ label, step, ratios }) => {
          const values = ratios.map(({ ratio }) => ratio);
          return [label, step, ...[mean(values), Math.min(...values), Math.max(...values)].map(digits)];
        }),
      },
    ],
    conclusion: labels.map((label) => {
      const [first, last] = [of(label)[0]!, of(label).at(-1)!];
      const at = ({ ratios }: RunRatios) => digits(mean(ratios.map(({ ratio }) => ratio)));
      return `${label}: the mean ratio went from ${at(first)} at initialization to ${at(last)} after ${last.step} iterations.`;
    }),
  };
}

const drawRatios = (label: string, measured: readonly RunRatios[], width: number): string =>
  linePlot({
    title: `Residual branch against its input: ${label}`,
    subtitle: 'Norm of what a block adds over norm of what it is given',
    width,
    height: 300,
    x: { label: 'block, from the input', whole: true },
    y: { label: 'ratio of norms' },
    lines: measured.map(
      ({ step, ratios }): PlotLine => ({
        name: `iteration ${step}`,
        points: ratios.map(({ ratio }, i) => ({ x: i + 1, y: ratio })),
        dots: true,
      }),
    ),
  });
