import { comparisonFindings } from '../findings/comparison';
import type { TrainedRun } from '../findings/trained-run';
import { epochs } from '../recipe/explain';
import { cifar10 } from '../recipe/presets/cifar10';
import type { RecipeSchedule } from '../recipe/schema';
import { metricsOf } from '../run/saved-run';
import { overSeeds, plan } from './planned-run';
import type { Study } from './study';

/** §4.2's warm-up. */
export const learningRate: Study = {
  id: 'learning-rate',
  title: 'Learning rate',
  question: 'What does the warm-up of ResNet-110 do? How many epochs are 64k iterations?',
  protocol: ({ deep }) =>
    `${deep.model}, ${deep.steps.toLocaleString('en-US')} iterations of ${deep.batchSize} images, at 0.1 from the start and at 0.01 until the training error is below 80 % (§4.2).`,
  runs: (preset) => {
    const { model: name, batchSize, steps, milestones, seeds } = preset.deep;
    const schedule: RecipeSchedule = { kind: 'multistep', base: 0.1, milestones: [...milestones], factor: 0.1 };
    const net = { model: { name }, batchSize, steps, schedule };
    const warmupUntil = { rate: 0.01, below: 0.8 };
    return [
      ...overSeeds(seeds, (seed) => plan(preset, `${name} from 0.1`, { ...net, seed })),
      ...overSeeds(seeds, (seed) => plan(preset, `${name} warm-up`, { ...net, warmupUntil, seed })),
    ];
  },
  analyze: async ({ runs, records }) => {
    const found = comparisonFindings(records, 'Warm-up of ResNet-110', 'Training error thin, validation error bold');
    return {
      figures: found.figures.map(({ draw }) => ({ name: 'warm-up', draw })),
      tables: [...found.tables, epochTable],
      conclusion: [
        `64,000 iterations of 128 images are ${epochs(cifar10, 64_000, 50_000)} epochs of 50,000 images, ${epochs(cifar10, 64_000, 45_000).toFixed(2)} of 45,000.`,
        ...runs.flatMap(warmUpOf),
        ...found.conclusion,
      ],
    };
  },
};

/** How long a run warmed up, in a sentence; none for a run without. */
export function warmUpOf({ label, directory, recipe: { seed, warmupUntil } }: TrainedRun): string[] {
  if (!warmupUntil) return [];
  const steps = metricsOf(directory).filter(({ split }) => split === 'train');
  const length = steps.findIndex(({ rate }) => rate !== warmupUntil.rate);
  const below = `${100 * warmupUntil.below} %`;
  const kept = `${label}, seed ${seed}, kept the rate of ${warmupUntil.rate}`;
  return length < 0
    ? [`${kept} to its end: in ${steps.length} iterations the training error did not fall below ${below}.`]
    : [`${kept} for ${length} iterations, until its training error was below ${below}.`];
}

const epochTable = {
  caption: "The paper's boundaries in epochs: iterations × 128 / training images.",
  columns: ['iteration', 'of 50,000 images', 'of 45,000 images'],
  rows: [32_000, 48_000, 64_000].map((step) => [
    step.toLocaleString('en-US'),
    ...[50_000, 45_000].map((images) => epochs(cifar10, step, images).toFixed(2)),
  ]),
};
