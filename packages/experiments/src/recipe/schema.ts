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
 * A name of the model zoo and what differs from its defaults, as `createModel` of `@resnet/models` takes them. Classes, image size and
 * seed come from the rest of the recipe. In files, a name alone may stand for the object.
 */
const model = z.strictObject({
  name: z.string(),
  shortcut: z.enum(SHORTCUT_KINDS).optional(),
  pad: z.enum(PAD_PLACEMENTS).optional(),
  block: z.enum(BLOCK_CHOICES).optional(),
  strideIn: z.enum(STRIDE_PLACEMENTS).optional(),
  zeroLastScale: z.boolean().optional(),
} satisfies { name: z.ZodString } & Partial<Record<keyof ModelOptions, z.ZodType>>);

const min = z.number().nonnegative();

/** Iterations of linear rise before a schedule; below 1 they are a share of all iterations. */
const warmupSteps = z.union([count, z.number().positive().lt(1)]);

/** The learning rate at each iteration, as `@resnet/schedulers` makes it. Boundaries are exact iterations, counted from 0. */
const schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), base }),
  z.strictObject({
    kind: z.literal('multistep'),
    base,
    milestones: z
      .array(positiveInteger)
      .refine((steps) => steps.every((step, i) => i === 0 || step > steps[i - 1]!), 'must rise, each once'),
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
    kind: z.literal('plateau'),
    base,
    factor: z.number().positive().lt(1),
    patience: count,
    metric: z.enum(['validationLoss', 'validationError']),
  }),
]);

/** A low rate until the training error is below a threshold (§4.2's ResNet-110), then the schedule. */
const warmupUntil = z.strictObject({ rate: base, below: fraction });

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
  z.strictObject({ mean: z.array(z.number()).length(3), std: z.array(z.number().positive()).length(3) }),
]);

/** Settings of where a run computes, and of damage there. They are no part of its identity, and may change when it resumes. */
const placeShape = {
  /** Threads that make batches. Null: those the machine has beside the compute threads; none where images are in memory. */
  workers: count.nullable(),
  /** A name that `useBackend` takes. */
  backend: z.string(),
  /** Accepts a WebGPU adapter that computes on the CPU, as tests do. */
  software: z.boolean().default(false),
  /** Threads of the `simd` backend; null for all cores. */
  threads: positiveInteger.nullable(),
  /**
   * An image that cannot be decoded: `stop` ends the run, `skip` leaves it out of its batch and of the statistics. A run that it ended
   * goes on with the other choice, too.
   */
  onBrokenImage: z.enum(['stop', 'skip']).default('stop'),
};

/** Settings of how often a run reports and saves. They do not make it another experiment. */
const watchShape = {
  /** Iterations between validations; `epoch` for one after each pass over the images, 0 for none. */
  validateEvery: z.union([count, z.literal('epoch')]),
  /** Iterations between two measurements of the layers: norms of gradients, and responses (Fig. 7); 0 for none. */
  watchLayers: count.default(0),
  /** Iterations between checkpoints; 0 for one at the end only. */
  checkpointEvery: count,
  /** Checkpoints kept, besides the best one. */
  keep: positiveInteger,
};

/** One training run as plain facts; what `recipe.json` of a run holds. Rates and errors are fractions. */
export const recipeSchema = z.strictObject({
  name: z.string(),
  model,
  /** A data set's path, or the name `shapes10`. */
  data: z.string().nullable(),
  /** Weights to start from: a file, a run folder, or a name that `resnet weights` lists; null draws them at random. */
  weights: z.string().nullable().default(null),
  /** The last part of the network that stays as it was, with all before it. */
  freeze: z.enum(FREEZE_CHOICES).default('none'),
  /** Training images held out for validation; 0 trains on all of them. Where the data has a `val` split, that is used and none are held out. */
  holdOut: count,
  /** Share of the training images that is held out where neither a `val` split nor `holdOut` says which. */
  validation: z.number().min(0).lt(1).default(0),
  split: z.enum(['stratified', 'first']),
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
  /** Most images in memory at once; gradients of the parts add up, but each part is normalized by its own statistics. */
  microBatch: positiveInteger.nullable(),
  schedule,
  warmupUntil: warmupUntil.nullable(),
  /** Learning rate of the head, as a multiple of the others'. */
  headRate: z.number().positive().default(1),
  /** `sgd` uses `momentum` and `nesterov`, `adamw` uses `betas` and `epsilon`. */
  optimizer: z.enum(['sgd', 'adamw']).default('sgd'),
  momentum: z.number().min(0).lt(1),
  nesterov: z.boolean(),
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.999]),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().nonnegative(),
  /** The weights that decay: all, as in the paper, or all but batch normalization and biases. */
  decay: z.enum(DECAY_KINDS),
  labelSmoothing: z.number().min(0).lt(1),
  clipNorm: z.number().positive().nullable(),
  /** Decay of the running average of the weights; null keeps none. */
  averageDecay: z.number().min(0).lt(1).nullable(),
  /** Validations in a row without a lower error before the run stops and takes its best weights; null never stops it. */
  patience: positiveInteger.nullable().default(null),
  /** What a run ends with: the weights of its last iteration, or those of its best validation. */
  finalWeights: z.enum(['last', 'best']).default('last'),
  onDivergence: z.enum(['stop', 'rollback']),
  /** Views per image that an evaluation of the run takes: 1 or 10. The evaluation that ends a run takes 1. */
  crops: z.union([z.literal(1), z.literal(10)]),
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

/** Names of the settings of how often a run reports and saves. */
export const watchOptions: readonly (keyof typeof watchShape)[] = keysOf(watchShape);

/** Names of the options of a recipe's `model`. */
export const modelOptionNames: readonly (keyof RecipeModel)[] = keysOf(model.shape);
