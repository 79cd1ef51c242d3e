import type { Recipe } from '../recipe/schema';

/** How much the studies train: the one thing in which `quick`, `short` and `full` differ. */
export interface Preset {
  name: string;
  /** In words, for the report. */
  description: string;
  /** The data set; null where it must be given. */
  data: string | null;
  steps: number;
  batchSize: number;
  /** The first learning rate, divided by 10 at each milestone. */
  rate: number;
  milestones: readonly number[];
  holdOut: number;
  /** Seeds 0, 1, …: runs of each net. */
  seeds: number;
  /** Depths of the nets whose curves are compared; the first and the last are looked into. */
  depths: readonly [shallow: number, ...deeper: number[]];
  /** The depth of every other study. */
  depth: number;
  /** ResNet-110 with and without warm-up. */
  deep: Pick<Recipe, 'batchSize' | 'steps'> & { model: string; milestones: readonly number[]; seeds: number };
  /** Images that are measured on. */
  images: number;
  /** Side of the images on which ImageNet nets are timed, and how many at once. */
  timing: { size: number; batch: number };
}

const quick: Preset = {
  name: 'quick',
  description: 'generated shapes and small nets, too short to say anything of CIFAR or of converged nets',
  data: 'shapes10',
  steps: 800,
  batchSize: 32,
  // So few iterations of so few images get further at a lower rate than the paper's: after 1,200 ResNet-8 has 35 % test error, at 0.04 53 %.
  rate: 0.02,
  milestones: [530, 720],
  holdOut: 500,
  seeds: 2,
  depths: [8, 20],
  depth: 8,
  deep: { model: 'resnet110', batchSize: 16, steps: 40, milestones: [], seeds: 1 },
  images: 256,
  timing: { size: 64, batch: 4 },
};

const short: Preset = {
  ...quick,
  name: 'short',
  description: 'real images, 2,000 iterations of the paper’s 64,000, boundaries in proportion',
  data: null,
  steps: 2_000,
  batchSize: 128,
  rate: 0.1,
  milestones: [1_000, 1_500],
  holdOut: 5_000,
  depths: [20, 56],
  depth: 20,
  deep: { model: 'resnet110', batchSize: 128, steps: 2_000, milestones: [1_000, 1_500], seeds: 2 },
  images: 500,
  timing: { size: 224, batch: 2 },
};

const full: Preset = {
  ...short,
  name: 'full',
  description: "the paper's protocol on its 45k/5k split (§4.2)",
  steps: 64_000,
  milestones: [32_000, 48_000],
  seeds: 5,
  depths: [20, 32, 44, 56],
  deep: { model: 'resnet110', batchSize: 128, steps: 64_000, milestones: [32_000, 48_000], seeds: 5 },
  images: 1_000,
};

/** The presets, by name. */
export const presets: Readonly<Record<string, Preset>> = { quick, short, full };
