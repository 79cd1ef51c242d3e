import { BLOCK_CHOICES, type ModelOptions, PAD_PLACEMENTS, SHORTCUT_KINDS, STRIDE_PLACEMENTS } from '@resnet/models';
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
  z.strictObject({ kind: z.literal('cosine'), base, min: z.number().nonnegative(), warmupSteps: count }),
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
  /** Iterations between validations; 0 for none. */
  validateEvery: count,
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
  /** Training images held out for validation; 0 trains on all of them. Where the data has a `val` split, that is used and none are held out. */
  holdOut: count,
  split: z.enum(['stratified', 'first']),
  /** Trains on this many images alone and evaluates on the same: the error must reach 0. */
  overfit: positiveInteger.nullable(),
  /** Side of the training crop, in pixels. */
  imageSize: positiveInteger,
  augment: z.enum(['cifar', 'cifar-color', 'imagenet', 'none']),
  normalize: normalization,
  steps: positiveInteger,
  batchSize: positiveInteger,
  /** Most images in memory at once; gradients of the parts add up, but each part is normalized by its own statistics. */
  microBatch: positiveInteger.nullable(),
  schedule,
  warmupUntil: warmupUntil.nullable(),
  momentum: z.number().min(0).lt(1),
  nesterov: z.boolean(),
  weightDecay: z.number().nonnegative(),
  /** The weights that decay: all, as in the paper, or all but batch normalization and biases. */
  decay: z.enum(DECAY_KINDS),
  labelSmoothing: z.number().min(0).lt(1),
  clipNorm: z.number().positive().nullable(),
  /** Decay of the running average of the weights; null keeps none. */
  averageDecay: z.number().min(0).lt(1).nullable(),
  /** Validations in a row without a lower error before the run stops and takes its best weights; null never stops it. */
  patience: positiveInteger.nullable().default(null),
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
