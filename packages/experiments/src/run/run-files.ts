import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors';
import type { Preprocessing } from '../evaluation/preprocessing';
import { parseRecipe } from '../recipe/resolve';
import type { Recipe } from '../recipe/schema';
import type { Environment } from './environment';

/** What the command keeps in a run folder beside the trainer's own files. */
export const runFiles = (directory: string) => ({
  preprocessing: join(directory, 'preprocessing.json'),
  weights: join(directory, 'weights.safetensors'),
});

/** What `recipe.json` of a run holds. */
export interface SavedRecipe {
  recipe: Recipe;
  environment: Environment;
}

/** What `preprocessing.json` of a run holds: all that the trained net needs to be used on other images. */
export interface SavedPreprocessing {
  classes: readonly string[];
  preprocessing: Preprocessing;
  /** Names the training images by what they are; null where they cannot be named. */
  trainedOn: string | null;
}

/** The recipe of the run in `directory`, checked. */
export function savedRecipe(directory: string): Recipe {
  const file = join(directory, 'recipe.json');
  if (!existsSync(file)) {
    throw new UsageError(
      `${directory}: is no run folder, it has no recipe.json. \`resnet runs\` lists those there are.`,
    );
  }
  return parseRecipe(readJson<Partial<SavedRecipe> | null>(file)?.recipe, file);
}

/** The preprocessing of the run in `directory`; null before it was decided. */
export function savedPreprocessing(directory: string): SavedPreprocessing | null {
  const { preprocessing } = runFiles(directory);
  return existsSync(preprocessing) ? readJson<SavedPreprocessing>(preprocessing) : null;
}

/** What a run wrote as JSON; a damaged file is a UsageError. */
export function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new UsageError(`${file}: must hold the JSON that the run wrote, got ${reason}. Put it back from a copy.`, {
      cause,
    });
  }
}

/** Names what is trained. Where it runs (backend, software, threads, workers) may change when a run goes on. */
export function recipeHash({ backend: _, software: __, threads: ___, workers: ____, ...rest }: Recipe): string {
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}
