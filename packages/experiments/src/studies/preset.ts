import type { Recipe } from '../recipe/schema';

/** How much the studies train. */
export interface Preset {
  /** Name by which it is chosen. */
  name: string;
  /** A phrase for the report. */
  description: string;
  /** Data set; null where the caller must name one. */
  data: string | null;
  /** Iterations of each run. */
  steps: number;
  /** Images per iteration. */
  batchSize: number;
  /** First learning rate, divided by 10 at each milestone. */
  rate: number;
  /** Iterations at which the rate is divided. */
  milestones: readonly number[];
  /** Training images held out for validation. */
  holdOut: number;
  /** Runs of each network, with seeds 0, 1, … */
  seeds: number;
  /** Depths of the networks whose error curves are compared; the shallowest and the deepest are analyzed further. */
  depths: readonly [shallow: number, ...deeper: number[]];
  /** Depth of the networks of the other studies. */
  depth: number;
  /** The runs with and without warm-up. */
  deep: DeepRuns;
  /** Images that analyses measure on. */
  images: number;
  /** The images on which ImageNet networks are timed. */
  timing: {
    /** Side in pixels. */
    size: number;
    /** Images at once. */
    batch: number;
  };
}

/** Runs of a deep network with and without warm-up (§4.2). */
export interface DeepRuns extends Pick<Recipe, 'batchSize' | 'steps'> {
  /** Name in the model zoo. */
  model: string;
  /** Iterations at which the rate is divided by 10. */
  milestones: readonly number[];
  /** Runs of each kind, with seeds 0, 1, … */
  seeds: number;
}

const quick: Preset = {
  name: 'quick',
  description: 'generated shapes and small networks; too short for conclusions about CIFAR or converged networks',
  data: 'shapes10',
  steps: 800,
  batchSize: 32,
  // Lower than the paper's rate: this few iterations then reach a lower error. After 1,200, ResNet-8 has 35 % test error, 53 % at a rate of 0.04.
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
  description: 'real images, 2,000 iterations instead of the paper’s 64,000, milestones scaled accordingly',
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
