import {
  barPlot,
  describeDifference,
  type Findings,
  formatWithSpread,
  type PlotBar,
  summarizeSample,
} from '@resnet/analysis';
import { costTable } from '../findings/costs';
import { errorAt } from '../findings/errors-along';
import { endOf } from '../findings/moments';
import { sampleOf } from '../findings/sample';
import type { TrainedRun } from '../findings/trained-run';
import { costsOf } from './costs-of';
import { overSeeds, plan } from './planned-run';
import type { Study, StudyRuns } from './study';
import { flattenedHead } from './variants/flattened-head';

/** Global average pooling beside a flattened head. */
export const pooling: Study = {
  id: 'pooling',
  title: 'Global average pooling',
  question: 'What does averaging over pixels before the last layer save, and does the net generalize better for it?',
  protocol: ({ depth, images }) =>
    `ResNet-${depth} and the same with its whole last feature map fully connected. Gap: error on ${images} validation images less error on ${images} training images, neither augmented.`,
  runs: (preset) => {
    const model = { name: `resnet${preset.depth}` };
    return [
      ...overSeeds(preset.seeds, (seed) => plan(preset, model.name, { model, seed })),
      ...overSeeds(preset.seeds, (seed) =>
        plan(preset, `${model.name} flattened`, { model, name: 'flattened head', seed }, () => flattenedHead),
      ),
    ];
  },
  analyze: findings,
};

/** What the runs of one head err, a number a seed, as fractions. */
interface HeadErrors {
  name: string;
  train: number[];
  validation: number[];
}

async function findings({ runs, records, preset }: StudyRuns): Promise<Findings> {
  const heads: HeadErrors[] = [];
  for (const name of new Set(runs.map(({ label }) => label))) {
    const seeds = runs.filter(({ label }) => label === name);
    heads.push(await errorsOf(name, seeds, preset.images));
  }
  const [averaged, flattened] = heads.map((head) => ({ name: head.name, values: gapsOf(head) }));
  return {
    figures: [{ name: 'heads', draw: (width) => drawHeads(heads, width) }],
    tables: [
      costTable(await costsOf(runs, records), 'For one image; time as trained.'),
      {
        caption: 'Without augmentation, mean ± standard deviation over seeds.',
        columns: ['net', 'seeds', 'training error (%)', 'validation error (%)', 'gap (points)'],
        rows: heads.map((head) => [
          head.name,
          head.train.length,
          ...[head.train, head.validation, gapsOf(head)].map((values) => formatWithSpread(summarizeSample(values))),
        ]),
      },
    ],
    conclusion: [describeDifference('gap between validation and training error', flattened!, averaged!)],
  };
}

const gapsOf = ({ train, validation }: HeadErrors): number[] => validation.map((error, i) => error - train[i]!);

async function errorsOf(name: string, seeds: readonly TrainedRun[], images: number): Promise<HeadErrors> {
  const errors: HeadErrors = { name, train: [], validation: [] };
  for (const run of seeds) {
    errors.train.push(await endError(run, 'train', images));
    errors.validation.push(await endError(run, 'validation', images));
  }
  return errors;
}

async function endError(run: TrainedRun, split: 'train' | 'validation', images: number): Promise<number> {
  const sample = await sampleOf(run, split, images);
  const { error } = await errorAt(await endOf(run), sample);
  sample.images.dispose();
  return error;
}

const drawHeads = (heads: readonly HeadErrors[], width: number): string =>
  barPlot({
    title: 'Averaging over pixels and a flattened head',
    subtitle: 'Error without augmentation, mean over seeds; whiskers: one standard deviation',
    width,
    value: { label: 'error (%)', percent: true },
    bars: heads.flatMap(({ name, train, validation }) => [
      bar(name, 'training', train),
      bar(name, 'validation', validation),
    ]),
  });

function bar(name: string, group: string, values: readonly number[]): PlotBar {
  const { mean, std } = summarizeSample(values);
  const whisker = Number.isNaN(std) ? {} : { low: mean - std, high: mean + std };
  return { name: `${name}, ${group}`, group, value: mean, ...whisker };
}
