import type { Backend } from '@resnet/backend';
import type { EndEvent, Evaluation } from '@resnet/trainer';
import type * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { recipeArchitecture } from '../recipe/architecture';
import type { Recipe } from '../recipe/schema';
import { describeHardware } from './hardware';

const measured = z.number().nullable();

/** The result of a finished run, in `result.json`. Errors are fractions; null means not measured. */
export const resultSchema = z.object({
  /** Name of the network. */
  model: z.string(),
  /** Its shortcut type, as `createModel` takes it. */
  shortcut: z.string(),
  /** Trainable parameters. */
  parameters: z.number(),
  /** Iterations trained. */
  steps: z.number(),
  /** Seed of the run. */
  seed: z.number(),
  /** Mean training loss over the last steps, in nats. */
  trainLoss: measured,
  /** Mean training error over the last steps. */
  trainError: measured,
  /** Validation error of the weights that were evaluated. */
  validationError: measured,
  /** Top-1 error on the test images. */
  testError: measured,
  /** Top-5 error on the test images. */
  testTop5Error: measured,
  /** Median time of an iteration, in seconds. */
  secondsPerStep: measured,
  /** Images trained on per second. */
  imagesPerSecond: measured,
  /** Backend, its build and threads, and processes where there are several. */
  backend: z.string(),
  /** The machine in one line. */
  hardware: z.string(),
});

/** The result of a finished run, in `result.json`. */
export type RunResult = z.infer<typeof resultSchema>;

/** The result of a run that was trained and evaluated. */
export const resultFrom = (
  recipe: Recipe,
  model: tf.LayersModel,
  {
    end,
    test,
    backend,
    processes,
  }: {
    end: EndEvent;
    test: Evaluation;
    backend: Backend;
    processes: number;
  },
): RunResult => ({
  model: recipe.model.name,
  shortcut: recipeArchitecture(recipe).shortcut,
  parameters: model.trainableWeights.reduce(
    (sum, { shape }) => sum + shape.reduce<number>((n, d) => n * (d ?? 1), 1),
    0,
  ),
  steps: end.step,
  seed: recipe.seed,
  trainLoss: finite(end.trainLoss),
  trainError: finite(end.trainError),
  // Of the weights that were evaluated: the last, or the best where the run was stopped early.
  validationError: (end.test ? end.validation : end.best)?.error ?? null,
  testError: test.error,
  testTop5Error: test.top5Error,
  secondsPerStep: finite(end.secondsPerStep),
  imagesPerSecond: finite(end.imagesPerSecond),
  backend: `${backend.name}${backend.simd ? ` (${backend.simd})` : ''}${backend.threads ? `, ${backend.threads} threads` : ''}${processes > 1 ? `, ${processes} processes` : ''}`,
  hardware: describeHardware(),
});

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
