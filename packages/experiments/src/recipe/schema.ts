import type { AugmentStep } from '@resnet/augment';
import { SPLIT_METHODS } from '@resnet/data';
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

/** Iterations of linear warm-up before a schedule; below 1, a share of all iterations. */
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
  z.strictObject({
    /** Half a cosine from `base` down to `min`, after the warm-up. */
    kind: z.literal('cosine'),
    /** Highest learning rate. */
    base,
    /** Learning rate at the end. */
    min,
    /** Iterations of linear warm-up; below 1, a share of all iterations. */
    warmupSteps,
  }),
  z.strictObject({
    /** PyTorch's `OneCycleLR` (Smith and Topin 2018), whose option names it has. */
    kind: z.literal('oneCycle'),
    /** Highest learning rate. */
    maxRate: base,
    /** Share of the iterations in which the rate rises. */
    pctStart: z.number().positive().max(1).optional(),
    /** The first rate is `maxRate / divFactor`. */
    divFactor: z.number().min(1).optional(),
    /** The last rate is the first one over `finalDivFactor`. */
    finalDivFactor: z.number().min(1).optional(),
    /** Whether the rate falls to the first rate symmetrically before it falls to the last. */
    threePhase: z.boolean().optional(),
    /** Shape of rise and fall. */
    annealStrategy: z.enum(['cos', 'linear']).optional(),
  }),
  z.strictObject({
    /** The rate is multiplied by `factor` every so many iterations. */
    kind: z.literal('step'),
    /** First learning rate. */
    base,
    /** Iterations between changes. */
    every: positiveInteger,
    /** Multiplies the rate at each change. */
    factor: z.number().positive(),
    /** Iterations of linear warm-up; below 1, a share of all iterations. */
    warmupSteps: warmupSteps.default(0),
  }),
  z.strictObject({
    /** The rate is multiplied by `factor` at every iteration. */
    kind: z.literal('exponential'),
    /** First learning rate. */
    base,
    /** Multiplies the rate at each iteration. */
    factor: z.number().positive(),
    /** Iterations of linear warm-up; below 1, a share of all iterations. */
    warmupSteps: warmupSteps.default(0),
  }),
  z.strictObject({
    /** The rate falls from `base` to `min` as `(1 − t) ** power`. */
    kind: z.literal('polynomial'),
    /** First learning rate. */
    base,
    /** Learning rate at the end. */
    min: min.default(0),
    /** Exponent; 1 is linear. */
    power: z.number().positive().default(1),
    /** Iterations of linear warm-up; below 1, a share of all iterations. */
    warmupSteps: warmupSteps.default(0),
  }),
  z.strictObject({
    /** Cosines that start again at `base` (Loshchilov and Hutter 2017). */
    kind: z.literal('restarts'),
    /** Learning rate at the start of each cycle. */
    base,
    /** Learning rate at the end of each cycle. */
    min: min.default(0),
    /** Iterations of the first cycle. */
    steps: positiveInteger,
    /** Each cycle is this many times as long as the one before. */
    multiplier: z.number().min(1).default(1),
    /** Iterations of linear warm-up; below 1, a share of all iterations. */
    warmupSteps: warmupSteps.default(0),
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
    /** A crop of random area and aspect ratio, resized to the training crop. */
    kind: z.literal('randomResizedCrop'),
    /** Smallest and largest area, as shares of the image. */
    scale: range.optional(),
    /** Smallest and largest ratio of width to height. */
    ratio: range.optional(),
  }),
  z.strictObject({
    /** A crop at a random place of the padded image. */
    kind: z.literal('randomCrop'),
    /** Pixels of zero padding on each side. */
    padding: count.optional(),
  }),
  z.strictObject({
    /** A mirror image. */
    kind: z.literal('randomFlip'),
    /** Probability. */
    chance,
  }),
  z.strictObject({
    /** Random changes of color, as torchvision's `ColorJitter`. */
    kind: z.literal('colorJitter'),
    /** Largest change of brightness. */
    brightness: amount,
    /** Largest change of contrast. */
    contrast: amount,
    /** Largest change of saturation. */
    saturation: amount,
    /** Largest change of hue, in turns. */
    hue: z.number().min(0).max(0.5).optional(),
  }),
  z.strictObject({
    /** Random operations (Cubuk et al. 2020). */
    kind: z.literal('randAugment'),
    /** Operations per image. */
    numOps: count.optional(),
    /** Strength of the operations, on 0…30. */
    magnitude: z.number().min(0).max(30).optional(),
  }),
  z.strictObject({
    /** A square of one value at a random place (DeVries and Taylor 2017). */
    kind: z.literal('cutout'),
    /** Side of the square in pixels. */
    size: positiveInteger,
    /** Probability. */
    chance,
    /** Value of the square, on [0, 1]. */
    fill: fraction.optional(),
  }),
]) satisfies z.ZodType<AugmentStep>;

/** The name of a recipe of `@resnet/augment`, the user's own augmentation as `file.js#export`, or a list of steps. */
const augment = z.union(
  [
    z.enum(['cifar', 'cifar-color', 'imagenet', 'none']),
    z.templateLiteral([z.string().regex(/^.+\.[cm]?js$/), '#', z.string().min(1)]),
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
   * If an image cannot be decoded, `stop` ends the run and `skip` leaves the image out of its batch and of the statistics. A run that
   * stopped can be resumed with `skip`.
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

/** All settings of a training run; the content of `recipe.json`. Errors are fractions. */
export const recipeSchema = z.strictObject({
  /** Name of the recipe; reports and run folders use it. */
  name: z.string(),
  /** The network. */
  model,
  /** Path of an archive or folder of images, or `cifar10`, `cifar100`, `shapes10`; null where it is yet to be named. */
  data: z.string().nullable(),
  /** Weights to start from: a file, a run folder, or a name of {@link publishedWeights}; null for random initialization. */
  weights: z.string().nullable().default(null),
  /** This part of the network and all parts before it are not trained. */
  freeze: z.enum(FREEZE_CHOICES).default('none'),
  /** Training images held out for validation; 0 for none. If the data has a `val` split, that is used and none are held out. */
  holdOut: count,
  /** Share of the training images that is held out if `holdOut` is 0 and the data has no `val` split. */
  validation: z.number().min(0).lt(1).default(0),
  /** How the held-out images are chosen; see `splitDataset` of `@resnet/data`. */
  split: z.enum(SPLIT_METHODS),
  /** Trains and evaluates on this many images only, to check that the error reaches 0; null for all images. */
  overfit: positiveInteger.nullable(),
  /** Side of the training crop, in pixels. */
  imageSize: positiveInteger,
  /** Length to which the shorter side of an image is resized before the single view is cropped; null for 256/224 of `imageSize` (§3.4). */
  shorterSide: positiveInteger.nullable().default(null),
  /** Augmentation of training images (§3.4, §4.2). */
  augment,
  /** Mixup (Zhang et al. 2018): parameter of the beta distribution; null for none. */
  mixup: z.number().positive().nullable().default(null),
  /** CutMix (Yun et al. 2019): parameter of the beta distribution; null for none. With `mixup` too, each batch gets one of them at random. */
  cutmix: z.number().positive().nullable().default(null),
  /** Balancing of classes: none, by weights in the loss, or by drawing as many images of each class per epoch. */
  balance: z.enum(['none', 'weights', 'sampler']).default('none'),
  /** Normalization of images: statistics of the training images, given ones, or none. */
  normalize: normalization,
  /** Iterations. */
  steps: positiveInteger,
  /** Passes over the training images, from which a starting run computes `steps`. Null: `steps` is used as it is. */
  epochs: z.number().positive().nullable().default(null),
  /** Images per iteration. */
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
  /** Learning rate of the head, as a multiple of that of the other layers. */
  headRate: z.number().positive().default(1),
  /** Optimizer: `sgd` uses `momentum` and `nesterov`, `adamw` uses `betas` and `epsilon`. */
  optimizer: z.enum(['sgd', 'adamw']).default('sgd'),
  /** Momentum of `sgd`. */
  momentum: z.number().min(0).lt(1),
  /** Whether momentum is Nesterov's. */
  nesterov: z.boolean(),
  /** Decay of the running means of gradient and squared gradient in `adamw`. */
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.999]),
  /** Added to the denominator in `adamw`. */
  epsilon: z.number().positive().default(1e-8),
  /** Weight decay: λ of ½λ‖w‖², or the decoupled decay of `adamw`. */
  weightDecay: z.number().nonnegative(),
  /** Weights that decay: all, as in the paper, or all but batch normalization and biases. */
  decay: z.enum(DECAY_KINDS),
  /** Share of the label spread evenly over all classes; 0 for none. */
  labelSmoothing: z.number().min(0).lt(1),
  /** Largest norm of the gradient of all weights; larger ones are scaled down. Null for no limit. */
  clipNorm: z.number().positive().nullable(),
  /** Whether processes that train together normalize by statistics of the whole batch; false: each by those of its own part. */
  syncStatistics: z.boolean().default(false),
  /** Decay of the moving average of the weights; null for no average. */
  averageDecay: z.number().min(0).lt(1).nullable(),
  /** Validations in a row without a lower error before the run stops with its best weights; null to train all iterations. */
  patience: positiveInteger.nullable().default(null),
  /** The weights that a run ends with: those of the last iteration or those of the validation with the lowest loss. */
  finalWeights: z.enum(['last', 'best']).default('last'),
  /** When loss or weights are not finite: `stop` fails, `rollback` resumes from the last checkpoint at a lower rate. */
  onDivergence: z.enum(['stop', 'rollback']),
  /** Views per image when the trained network is evaluated later: 1 or 10. The evaluation at the end of a run takes 1. */
  crops: z.union([z.literal(1), z.literal(10)]),
  /** Seed of weights, held-out images, order and augmentation. */
  seed: count,
  ...watchShape,
  ...placeShape,
});

/** All settings of a training run. */
export type Recipe = z.infer<typeof recipeSchema>;

/** A network by name, with what differs from its defaults. */
export type RecipeModel = Recipe['model'];

/** The `schedule` of a recipe. */
export type RecipeSchedule = Recipe['schedule'];

/** Where a run computes, and how it treats damaged images there: see {@link placeOptions}. */
export type RunPlace = Pick<Recipe, keyof typeof placeShape>;

const keysOf = <Shape extends object>(shape: Shape) => Object.keys(shape) as (keyof Shape & string)[];

/** Names of the settings in {@link RunPlace}, the only ones that may change when a run resumes. */
export const placeOptions: readonly (keyof RunPlace)[] = keysOf(placeShape);

/** The settings of {@link RunPlace} among `settings`, except `undefined` ones. */
export const placeOf = (settings: object): Partial<RunPlace> =>
  Object.fromEntries(Object.entries(settings).filter(([name, value]) => isPlaceOption(name) && value !== undefined));

/** Whether a setting is in {@link RunPlace}. */
export const isPlaceOption = (name: string): boolean => placeOptions.some((option) => option === name);

/** Names of the settings of how often a run reports and saves. */
export const watchOptions: readonly (keyof typeof watchShape)[] = keysOf(watchShape);

/** Names of the options of a recipe's `model`. */
export const modelOptionNames: readonly (keyof RecipeModel)[] = keysOf(model.shape);
