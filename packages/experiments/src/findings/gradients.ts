import { type Findings, gradientNorms, type LayerGradient, linePlot, type PlotLine } from '@resnet/analysis';
import { momentsOf } from './moments';
import { digits } from './numbers';
import { sampleOf } from './sample';
import type { TrainedRun } from './trained-run';

/** The gradient in the network of one run at one moment. */
export interface RunGradients {
  /** Name of the run. */
  label: string;
  /** Iterations done. */
  step: number;
  /** Gradient norm of each convolution, from the input. */
  layers: LayerGradient[];
}

/** Norm of the gradient by layer at each kept moment of some runs, on one batch of `images` training images. */
export async function measureGradients(runs: readonly TrainedRun[], images: number): Promise<RunGradients[]> {
  const measured: RunGradients[] = [];
  for (const run of runs) {
    const sample = await sampleOf(run, 'train', images);
    for (const moment of await momentsOf(run)) {
      const layers = await moment.with((model) => gradientNorms(model, sample.images, sample.labels));
      measured.push({ label: run.label, step: moment.step, layers });
    }
    sample.images.dispose();
  }
  return measured;
}

/** Figures, table and conclusion of {@link measureGradients}. */
export function gradientFindings(measured: readonly RunGradients[]): Findings {
  const labels = [...new Set(measured.map(({ label }) => label))];
  const starts = measured.filter(({ step }) => step === 0);
  return {
    figures: [
      figure('gradients-start', 'Gradient by layer at initialization', starts, ({ label }) => label),
      ...labels.map((label) =>
        figure(
          `gradients-${label.replace(/\W+/g, '-')}`,
          `Gradient by layer along training: ${label}`,
          measured.filter((one) => one.label === label),
          ({ step }) => `iteration ${step}`,
        ),
      ),
    ],
    tables: [
      {
        caption: "L2 norm of the loss's gradient with respect to each convolution's kernel.",
        columns: ['net', 'iteration', 'first layer', 'last layer', 'first ÷ last', 'smallest'],
        rows: measured.map(({ label, step, layers }) => [label, step, ...ends(layers).map(digits)]),
      },
    ],
    conclusion: labels.flatMap((label) => {
      const [start, ...rest] = measured.filter((one) => one.label === label);
      return [start!, ...rest.slice(-1)].map(sentence);
    }),
  };
}

function sentence({ label, step, layers }: RunGradients): string {
  const [first, , ratio] = ends(layers);
  const when = step === 0 ? 'at initialization' : `after ${step.toLocaleString('en-US')} iterations`;
  return `${label} ${when}: the first layer's gradient has norm ${digits(first)}, ${digits(ratio)} times the last one's.`;
}

function ends(layers: readonly LayerGradient[]): [first: number, last: number, ratio: number, smallest: number] {
  const norms = layers.map(({ gradientNorm }) => gradientNorm);
  const [first, last] = [norms[0]!, norms.at(-1)!];
  return [first, last, first / last, Math.min(...norms)];
}

const figure = (
  name: string,
  title: string,
  measured: readonly RunGradients[],
  nameOf: (one: RunGradients) => string,
) => ({
  name,
  draw: (width: number) =>
    linePlot({
      title,
      width,
      height: 340,
      x: { label: 'convolution, from the input', whole: true },
      y: { label: 'gradient norm (loss in nats per unit of weight)', scale: 'log' },
      lines: measured.map(
        (one): PlotLine => ({
          name: nameOf(one),
          points: one.layers.map(({ gradientNorm }, i) => ({ x: i + 1, y: gradientNorm })),
          dots: one.layers.length < 40,
        }),
      ),
    }),
});
