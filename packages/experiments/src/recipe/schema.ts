import type { AugmentStep } from '@resnet/augment';
import {
  BLOCK_CHOICES,
  FREEZE_CHOICES,
  type ModelOptions,
  PAD_PLACEMENTS,
  SHORTCUT_KINDS,
  STRIDE_PLACEMENTS,
} from '@resnet/models';
import { DECAY_KINDS } from '@resnet/trainer';
import { z } from 'zod';

const positiveInteger = z.int().positive();
const count = z.int().nonnegative();
const fraction = z.number().min(0).max(1);
const base = z.number().positive();

/**
 * A network of the model zoo: its name and the options of `createModel` of `@resnet/models` that differ from their defaults. Classes,
 * image size and seed come from the rest of the recipe. In files, the name alone may stand for the object.
 */
const model = z.strictObject({
  /** Name in the model zoo: `resnet20`, `plain34`, … */
  name: z.string(),
  /** Shortcut type (§3.3). Default: the network's own. */
  shortcut: z.enum(SHORTCUT_KINDS).optional(),
  /** Where option A puts its zero channels. Only with shortcut A. Default: `end`. */
  pad: z.enum(PAD_PLACEMENTS).optional(),
  /** What the network repeats. Default: the depth's own block. */
  block: z.enum(BLOCK_CHOICES).optional(),
  /** The convolution of a bottleneck that has the stride. Default: `3x3`. */
  strideIn: z.enum(STRIDE_PLACEMENTS).optional(),
  /** Starts the last normalization of each residual branch at zero. Default: false. */
  zeroLastScale: z.boolean().optional(),
} satisfies { name: z.ZodString } & Partial<Record<keyof ModelOptions, z.ZodType>>);

const min = z.number().nonnegative();

/** Iterations of linear rise before a schedule; below 1 they are a share of all iterations. */
const warmupSteps = z.union([count, z.number().positive().lt(1)]);

/** The learning rate at each iteration, as `@resnet/schedulers` makes it. Boundaries are exact iterations, counted from 0. */
const schedule = z.discriminatedUnion('kind', [
  z.strictObject({
    /** One rate throughout. */
    kind: z.literal('constant'),
    /** The learning rate. */
    base,
  }),
  z.strictObject({
    /** The rate is multiplied by `factor` at each milestone. */
    kind: z.literal('multistep'),
    /** First learning rate. */
    base,
    /** Iterations at which the rate changes, ascending. */
    milestones: z
      .array(positiveInteger)
      .refine((steps) => steps.every((step, i) => i === 0 || step > steps[i - 1]!), 'must rise, each once'),
    /** Multiplies the rate at each milestone. */
    factor: z.number().positive(),
  }),
  z.strictObject({ kind: z.literal('cosine'), base, min, warmupSteps }),
  z.strictObject({
    kind: z.literal('oneCycle'),
    maxRate: base,
    pctStart: z.number().positive().max(1).optional(),
    divFactor: z.number().min(1).optional(),
    finalDivFactor: z.number().min(1).optional(),
    threePhase: z.boolean().optional(),
    annealStrategy: z.enum(['cos', 'linear']).optional(),
  }),
  z.strictObject({
    kind: z.literal('step'),
    base,
    every: positiveInteger,
    factor: z.number().positive(),
    warmupSteps: warmupSteps.default(0),
  }),
  z.strictObject({
    kind: z.literal('exponential'),
    base,
    factor: z.number().positive(),
    warmupSteps: warmupSteps.default(0),
  }),
  z.strictObject({
    kind: z.literal('polynomial'),
    base,
    min: min.default(0),
    power: z.number().positive().default(1),
    warmupSteps: warmupSteps.default(0),
  }),
  z.strictObject({
    kind: z.literal('restarts'),
    base,
    min: min.default(0),
    /** Length of the first cycle. */
    steps: positiveInteger,
    multiplier: z.number().min(1).default(1),
    warmupSteps: warmupSteps.default(0),
  }),
  z.strictObject({
    /** Linear warm-up, then half a cosine down to `min`. */
    kind: z.literal('cosine'),
    /** Highest learning rate. */
    base,
    /** Rate at the end. */
    min: z.number().nonnegative(),
    /** Iterations of the warm-up; 0 for none. */
    warmupSteps: count,
  }),
  z.strictObject({
    /** The rate is multiplied by `factor` when `metric` stops improving. */
    kind: z.literal('plateau'),
    /** First learning rate. */
    base,
    /** Multiplies the rate at each plateau; below 1. */
    factor: z.number().positive().lt(1),
    /** Validations in a row without improvement before the rate drops. */
    patience: count,
    /** What must improve. */
    metric: z.enum(['validationLoss', 'validationError']),
  }),
]);

/** A low rate until the training error is below a threshold (§4.2's ResNet-110), then the schedule. */
const warmupUntil = z.strictObject({
  /** Learning rate of the warm-up. */
  rate: base,
  /** The warm-up ends when the training error is below this fraction. */
  below: fraction,
});

const range = z.tuple([z.number(), z.number()]);
const chance = fraction.optional();
const amount = z.number().nonnegative().optional();

/** Steps of `augmentSteps` of `@resnet/augment`. */
const augmentStep = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('randomResizedCrop'),
    scale: range.optional(),
    ratio: range.optional(),
  }),
  z.strictObject({ kind: z.literal('randomCrop'), padding: count.optional() }),
  z.strictObject({ kind: z.literal('randomFlip'), chance }),
  z.strictObject({
    kind: z.literal('colorJitter'),
    brightness: amount,
    contrast: amount,
    saturation: amount,
    hue: z.number().min(0).max(0.5).optional(),
  }),
  z.strictObject({
    kind: z.literal('randAugment'),
    numOps: count.optional(),
    magnitude: z.number().min(0).max(30).optional(),
  }),
  z.strictObject({ kind: z.literal('cutout'), size: positiveInteger, chance, fill: fraction.optional() }),
]) satisfies z.ZodType<AugmentStep>;

/** A recipe of `@resnet/augment` by its name, an augmentation of one's own as `file.js#export`, or steps. */
const augment = z.union(
  [
    z.enum(['cifar', 'cifar-color', 'imagenet', 'none']),
    z.templateLiteral([z.string().regex(/\.[cm]?js$/), '#', z.string().min(1)]),
    z.array(augmentStep).min(1),
  ],
  'must be cifar, cifar-color, imagenet, none, file.js#export, or a list of { kind: randomResizedCrop | randomCrop | randomFlip | colorJitter | randAugment | cutout, … }',
);

const normalization = z.union([
  z.enum(['per-pixel-mean', 'channel', 'none']),
  z.strictObject({
    /** Channel means on [0, 1]. */
    mean: z.array(z.number()).length(3),
    /** Channel standard deviations on [0, 1]. */
    std: z.array(z.number().positive()).length(3),
  }),
]);

/** Settings of where a run computes, and of damaged images there. They do not change what is trained, and may change when a run resumes. */
const placeShape = {
  /** Threads that make batches. Null: the cores that do not compute; 0 where images are in memory. */
  workers: count.nullable(),
  /** Backend, as `useBackend` of `@resnet/backend` names it. */
  backend: z.string(),
  /** Accepts a WebGPU adapter that computes on the CPU, for tests. Default: false. */
  software: z.boolean().default(false),
  /** Threads of the `simd` backend; null for all cores. */
  threads: positiveInteger.nullable(),
  /**
   * An image that cannot be decoded: `stop` ends the run, `skip` leaves it out of its batch and of the statistics. A run that it ended
   * goes on with the other choice, too.
   */
  onBrokenImage: z.enum(['stop', 'skip']).default('stop'),
};

/** Settings of how often a run reports and saves. They do not change what is trained. */
const watchShape = {
  /** Iterations between validations; `epoch` for one after each pass over the images, 0 for none. */
  validateEvery: z.union([count, z.literal('epoch')]),
  /** Iterations between two measurements of the layers: norms of gradients, and responses (Fig. 7); 0 for none. */
  watchLayers: count.default(0),
  /** Iterations between checkpoints; 0 for one at the end only. */
  checkpointEvery: count,
  /** Number of checkpoints kept, besides the best one. */
  keep: positiveInteger,
};

/** One training run as plain facts; what `recipe.json` of a run holds. Rates and errors are fractions. */
export const recipeSchema = z.strictObject({
  /** Name of the recipe; reports and run folders use it. */
  name: z.string(),
  /** The network. */
  model,
  /** Path of an archive or folder of images, or `cifar10`, `cifar100`, `shapes10`; null where it is yet to be named. */
  data: z.string().nullable(),
  /** Weights to start from: a file, a run folder, or a name that `resnet weights` lists; null draws them at random. */
  weights: z.string().nullable().default(null),
  /** The last part of the network that stays as it was, with all before it. */
  freeze: z.enum(FREEZE_CHOICES).default('none'),
  /** Training images held out for validation; 0 trains on all of them. Where the data has a `val` split, that is used and none are held out. */
  holdOut: count,
  /** Share of the training images that is held out where neither a `val` split nor `holdOut` says which. */
  validation: z.number().min(0).lt(1).default(0),
  /** How the held-out images are chosen; see `splitDataset` of `@resnet/data`. */
  split: z.enum(SPLIT_METHODS),
  /** Trains on this many images alone and evaluates on the same: the error must reach 0. */
  overfit: positiveInteger.nullable(),
  /** Side of the training crop, in pixels. */
  imageSize: positiveInteger,
  /** Shorter side of images before a single view of `imageSize` is cut from them; null is 256/224 of that (§3.4). */
  shorterSide: positiveInteger.nullable().default(null),
  augment,
  /** Parameter of the beta distribution by which images of a batch are mixed (Zhang et al. 2018); null mixes none. */
  mixup: z.number().positive().nullable().default(null),
  /** The same for rectangles of other images (Yun et al. 2019). Where both are set, each batch gets one of them, by a coin. */
  cutmix: z.number().positive().nullable().default(null),
  /** What small classes get: nothing, a higher weight in the loss, or as many images per epoch as large ones. */
  balance: z.enum(['none', 'weights', 'sampler']).default('none'),
  normalize: normalization,
  /** Iterations. */
  steps: positiveInteger,
  /** Passes over the training images; `steps` follows from it when the run starts. Null: `steps` says it. */
  epochs: z.number().positive().nullable().default(null),
  batchSize: positiveInteger,
  /**
   * Largest number of images computed at once; null for the whole batch. Gradients of the parts are averaged, but batch normalization
   * sees each part alone.
   */
  microBatch: positiveInteger.nullable(),
  /** The learning rate at each iteration. */
  schedule,
  /** A low rate until the training error falls below a threshold; null for none. */
  warmupUntil: warmupUntil.nullable(),
  /** Learning rate of the head, as a multiple of the others'. */
  headRate: z.number().positive().default(1),
  /** `sgd` uses `momentum` and `nesterov`, `adamw` uses `betas` and `epsilon`. */
  optimizer: z.enum(['sgd', 'adamw']).default('sgd'),
  momentum: z.number().min(0).lt(1),
  /** Whether momentum is Nesterov's. */
  nesterov: z.boolean(),
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.999]),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().nonnegative(),
  /** Weights that decay: all, as in the paper, or all but batch normalization and biases. */
  decay: z.enum(DECAY_KINDS),
  /** Share of the label spread evenly over all classes; 0 for none. */
  labelSmoothing: z.number().min(0).lt(1),
  /** Largest norm of the gradient of all weights; larger ones are scaled down. Null for no limit. */
  clipNorm: z.number().positive().nullable(),
  /** Decay of the moving average of the weights; null for no average. */
  averageDecay: z.number().min(0).lt(1).nullable(),
  /** Validations in a row without a lower error before the run stops with its best weights; null to train all iterations. */
  patience: positiveInteger.nullable().default(null),
  /** What a run ends with: the weights of its last iteration, or those of its best validation. */
  finalWeights: z.enum(['last', 'best']).default('last'),
  onDivergence: z.enum(['stop', 'rollback']),
  /** Views per image when the trained network is evaluated later: 1 or 10. The evaluation at the end of a run takes 1. */
  crops: z.union([z.literal(1), z.literal(10)]),
  /** Seed of weights, held-out images, order and augmentation. */
  seed: count,
  ...watchShape,
  ...placeShape,
});

/** One training run as plain facts. */
export type Recipe = z.infer<typeof recipeSchema>;

/** A network by name, with what differs from its defaults. */
export type RecipeModel = Recipe['model'];

/** The `schedule` of a recipe. */
export type RecipeSchedule = Recipe['schedule'];

/** Where a run computes, and what it does with damage there: see {@link placeOptions}. */
export type RunPlace = Pick<Recipe, keyof typeof placeShape>;

const keysOf = <Shape extends object>(shape: Shape) => Object.keys(shape) as (keyof Shape & string)[];

/** Names of the settings of where a run computes, and of damage there, the only ones that may change when it resumes. */
export const placeOptions: readonly (keyof RunPlace)[] = keysOf(placeShape);

/** The settings of where a run computes among `settings`; `undefined` counts as left out. */
export const placeOf = (settings: object): Partial<RunPlace> =>
  Object.fromEntries(Object.entries(settings).filter(([name, value]) => isPlaceOption(name) && value !== undefined));

/** Whether a setting says where a run computes. */
export const isPlaceOption = (name: string): boolean => placeOptions.some((option) => option === name);

/** Names of the settings of how often a run reports and saves. */
export const watchOptions: readonly (keyof typeof watchShape)[] = keysOf(watchShape);

/** Names of the options of a recipe's `model`. */
export const modelOptionNames: readonly (keyof RecipeModel)[] = keysOf(model.shape);
