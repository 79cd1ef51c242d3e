import { describe, describeDifference, type Findings } from '@resnet/analysis';
import { costTable } from '../analysis/costs';
import { errorAt } from '../analysis/errors-along';
import { endOf } from '../analysis/moments';
import { percent } from '../analysis/numbers';
import { sampleOf } from '../analysis/sample';
import type { TrainedRun } from '../analysis/trained-run';
import { costsOf } from './costs-of';
import { overSeeds, plan } from './planned-run';
import type { Done, Study } from './study';
import { flattenedHead } from './variants/flattened-head';

/** Global average pooling beside a flattened head. */
export const pooling: Study = {
  id: 'pooling',
  title: 'Global average pooling',
  question: 'What does averaging over pixels before the last layer save, and does the net generalise better for it?',
  protocol: ({ depth, images }) =>
    `ResNet-${depth} and the same with its whole last feature map fully connected. Gap: error on ${images} test images less error on ${images} training images, neither augmented.`,
  runs: (preset) => {
    const model = `resnet${preset.depth}`;
    return [
      ...overSeeds(preset.seeds, (seed) => plan(preset, model, { model, seed })),
      ...overSeeds(preset.seeds, (seed) =>
        plan(preset, `${model} flattened`, { model, name: 'flattened head', seed }, () => flattenedHead),
      ),
    ];
  },
  analyse: findings,
};

async function findings({ runs, records, preset }: Done): Promise<Findings> {
  const gaps = new Map<string, { train: number[]; test: number[]; gap: number[] }>();
  for (const run of runs) {
    const errors = gaps.get(run.label) ?? { train: [], test: [], gap: [] };
    const [train, test] = [await endError(run, 'train', preset.images), await endError(run, 'test', preset.images)];
    errors.train.push(train);
    errors.test.push(test);
    errors.gap.push(test - train);
    gaps.set(run.label, errors);
  }
  const [averaged, flattened] = [...gaps];
  return {
    figures: [],
    tables: [
      costTable(await costsOf(runs, records), 'For one image; time as trained.'),
      {
        caption: 'Without augmentation, mean over seeds.',
        columns: ['net', 'seeds', 'training error (%)', 'test error (%)', 'gap (points)'],
        rows: [...gaps].map(([label, { train, test, gap }]) => [
          label,
          gap.length,
          ...[train, test, gap].map((values) => percent(describe(values).mean)),
        ]),
      },
    ],
    conclusion: [
      describeDifference(
        'gap between test and training error',
        { name: flattened![0], values: flattened![1].gap },
        { name: averaged![0], values: averaged![1].gap },
      ),
    ],
  };
}

async function endError(run: TrainedRun, split: 'train' | 'test', images: number): Promise<number> {
  const sample = await sampleOf(run, split, images);
  const { error } = await errorAt(await endOf(run), sample);
  sample.images.dispose();
  return error;
}
