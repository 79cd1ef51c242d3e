import { isThere, type Trust } from '@resnet/files';
import { loadWeights } from '@resnet/models';
import { readWeightsFile } from '@resnet/models/node';
import type * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import { defaults } from '../recipe/presets/defaults';
import type { Recipe } from '../recipe/schema';
import { type NetworkFacts, networkOf } from '../run/network';
import { runFiles, savedPreprocessing, savedRecipe } from '../run/run-files';
import { startBackend } from '../run/start-backend';
import type { Preprocessing } from './preprocessing';

/** Flags that say which trained network is meant: a run, or a model's name and a weight file. */
export interface SubjectFlags {
  run?: string;
  model?: string;
  weights?: string;
  shortcut?: Recipe['shortcut'];
  pad?: Recipe['pad'];
  block?: NonNullable<Recipe['block']>;
  variant?: Recipe['variant'];
  backend?: string;
  software?: boolean;
  threads?: number;
}

/** A trained network and all that is known of its images. */
export interface Subject {
  /** Builds the network with its weights; `imageSize` null for one that takes any size. */
  network(imageSize: number | null): Promise<tf.LayersModel>;
  /** From the run; null where weights came alone. */
  preprocessing: Preprocessing | null;
  classes: readonly string[] | null;
  /** The run's data set; null where weights came alone. */
  data: string | null;
  /** Views of each image at test time. */
  crops: Recipe['crops'];
  model: string;
}

/** Finds the trained network that the flags name, and starts the backend. */
export async function subjectOf(flags: SubjectFlags): Promise<Subject> {
  await startBackend(flags.backend, { threads: flags.threads, software: flags.software });
  if (flags.run !== undefined) return subjectOfRun(flags.run);
  if (flags.model === undefined || flags.weights === undefined) {
    throw new UsageError('Name the network: --run DIR, or --model NAME with --weights FILE.');
  }
  return subjectOfWeights(flags, flags.model, flags.weights);
}

/** The trained network of a finished run; a backend must have been chosen. */
export function subjectOfRun(directory: string): Subject {
  const recipe = savedRecipe(directory);
  const saved = savedPreprocessing(directory);
  if (!saved)
    throw new UsageError(`${directory}: has not started training yet. Resume it: resnet train --resume ${directory}`);
  const { weights } = runFiles(directory);
  if (!isThere(weights)) {
    throw new UsageError(
      `${directory}: must be a finished run, it has no weights.safetensors. Go on with it: resnet train --resume ${directory}`,
    );
  }
  return {
    network: (imageSize) => trained(recipe, weights, saved.classes.length, imageSize, { links: 'refuse' }),
    preprocessing: saved.preprocessing,
    classes: saved.classes,
    data: recipe.data,
    crops: recipe.crops,
    model: recipe.model,
  };
}

function subjectOfWeights(flags: SubjectFlags, model: string, weights: string): Subject {
  const { shortcut = defaultShortcut(model), pad = 'end', block = null, variant = 'v1.5' } = flags;
  const facts = { ...defaults, model, shortcut, pad, block, variant };
  return {
    network: async (imageSize) => trained(facts, weights, await classesIn(weights), imageSize),
    preprocessing: null,
    classes: null,
    data: null,
    crops: 1,
    model,
  };
}

/** CIFAR nets have option A, torchvision's ImageNet nets option B. */
const defaultShortcut = (model: string): Recipe['shortcut'] => (/(18|34|50|101|152)$/.test(model) ? 'B' : 'A');

async function trained(
  facts: NetworkFacts,
  file: string,
  classes: number,
  imageSize: number | null,
  trust?: Trust,
): Promise<tf.LayersModel> {
  const weights = await readWeightsFile(file, trust);
  const model = networkOf(facts, classes, imageSize);
  loadWeights(model, weights);
  return model;
}

/** The rows of the last linear layer, whatever it is called. */
async function classesIn(file: string): Promise<number> {
  const weights = await readWeightsFile(file);
  const last = [...weights].findLast(([name, { shape }]) => name.endsWith('.weight') && shape.length === 2);
  if (last) return last[1].shape[0]!;
  throw new UsageError(`${file}: has no linear layer, so its classes are not known. Is it a ResNet's weights?`);
}
