import { z } from 'zod';

const positiveInteger = z.int().positive();
const count = z.int().nonnegative();
const fraction = z.number().min(0).max(1);

/** The rate at each iteration. Boundaries are exact iterations, counted from 0. */
const baseSchedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), rate: z.number().positive() }),
  z.strictObject({
    kind: z.literal('multistep'),
    rate: z.number().positive(),
    milestones: z
      .array(positiveInteger)
      .refine((steps) => steps.every((step, i) => i === 0 || step > steps[i - 1]!), 'must rise, each once'),
    factor: z.number().positive(),
  }),
  z.strictObject({
    kind: z.literal('cosine'),
    rate: z.number().positive(),
    floor: z.number().nonnegative(),
    warmup: count,
  }),
  z.strictObject({
    kind: z.literal('plateau'),
    rate: z.number().positive(),
    factor: z.number().positive().lt(1),
    patience: count,
    metric: z.enum(['validationLoss', 'validationError']),
  }),
]);

/** A low rate until the training error is below a threshold (§4.2's ResNet-110), then the real schedule. */
const warmUp = z.strictObject({ rate: z.number().positive(), untilTrainError: fraction });

const normalisation = z.union([
  z.enum(['per-pixel-mean', 'channel', 'none']),
  z.strictObject({ mean: z.array(z.number()).length(3), std: z.array(z.number().positive()).length(3) }),
]);

/** One training run as plain facts; what `recipe.json` of a run holds. Rates and errors are fractions. */
export const recipeSchema = z.strictObject({
  name: z.string(),
  /** A name of the model zoo: `resnet20`, `plain56`, `resnet50`, … */
  model: z.string(),
  shortcut: z.enum(['A', 'B', 'C']),
  /** Where option A appends its zero channels. */
  pad: z.enum(['end', 'split']),
  block: z.enum(['basic', 'bottleneck', 'preact', 'preact-basic', 'preact-bottleneck']).nullable(),
  /** Where a bottleneck has its stride: torchvision's 3×3 ("v1.5") or the paper's 1×1. */
  variant: z.enum(['v1.5', 'paper']),
  zeroGamma: z.boolean(),
  /** A data set's path, or the name `shapes10`. */
  data: z.string().nullable(),
  /** Training images kept aside for validation; 0 trains on all of them. A `val` split, where there is one, comes first. */
  holdOut: count,
  split: z.enum(['stratified', 'first']),
  /** Trains on this many images alone and tests on the same: the error must reach 0. */
  overfit: positiveInteger.nullable(),
  /** Side of the training crop, in pixels. */
  imageSize: positiveInteger,
  augment: z.enum(['cifar', 'cifar-colour', 'imagenet', 'none']),
  normalise: normalisation,
  steps: positiveInteger,
  batch: positiveInteger,
  /** Most images in memory at once; gradients of the parts add up, but each part is normalised by its own statistics. */
  microBatch: positiveInteger.nullable(),
  schedule: baseSchedule,
  warmUp: warmUp.nullable(),
  momentum: z.number().min(0).lt(1),
  nesterov: z.boolean(),
  weightDecay: z.number().nonnegative(),
  /** Whether batch normalisation and biases decay too, as in the paper. */
  decayAll: z.boolean(),
  labelSmoothing: z.number().min(0).lt(1),
  clipNorm: z.number().positive().nullable(),
  ema: z.number().min(0).lt(1).nullable(),
  validateEvery: count,
  checkpointEvery: count,
  /** Validations in a row without a lower error before the run stops and takes its best weights; null never stops it. */
  patience: positiveInteger.nullable().default(null),
  keep: positiveInteger,
  onNan: z.enum(['stop', 'rollback']),
  /** Views of an image that `resnet evaluate --run` takes: 1 (whole image or centre crop) or 10. The test that ends a run takes 1. */
  crops: z.union([z.literal(1), z.literal(10)]),
  seed: count,
  /** Threads that make batches. Null: what the machine has beside the compute threads; none where images are in memory. */
  workers: count.nullable(),
  backend: z.string(),
  /** Accept a WebGPU adapter that computes on the CPU. */
  software: z.boolean().default(false),
  threads: positiveInteger.nullable(),
});

export type Recipe = z.infer<typeof recipeSchema>;
export type RecipeSchedule = Recipe['schedule'];
