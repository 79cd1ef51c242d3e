import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { FileError, isThere, readTextSync } from '@resnet/files';
import { requireRunFolder } from '@resnet/trainer/node';
import { z } from 'zod';
import { UsageError } from '../errors';
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

const numbers = z.array(z.number()).nullable();

/** What `preprocessing.json` of a run holds: all that the trained net needs to be used on other images. */
const preprocessingSchema = z.object({
  classes: z.array(z.string()).min(1).readonly(),
  preprocessing: z.object({
    imageSize: z.int().positive(),
    shorterSide: z.int().positive().nullable(),
    mean: numbers,
    std: numbers,
  }),
  /** Names the training images by what they are; null where they cannot be named. */
  trainedOn: z.string().nullable(),
});

/** What `preprocessing.json` of a run holds. */
export type SavedPreprocessing = Readonly<z.infer<typeof preprocessingSchema>>;

/**
 * Makes sure that a run folder, which may be a stranger's, has no links, pipes or devices for files that a run reads or writes.
 *
 * @throws FileError naming the first.
 */
export const requireRun = (directory: string): void =>
  requireRunFolder(
    directory,
    Object.values(runFiles(directory)).map((path) => basename(path)),
  );

/** The recipe of the run in `directory`, checked. */
export function savedRecipe(directory: string): Recipe {
  const file = join(directory, 'recipe.json');
  if (!isThere(file)) {
    throw new UsageError(
      `${directory}: is no run folder, it has no recipe.json. \`resnet runs\` lists those there are.`,
    );
  }
  return parseRecipe(readSaved(file, z.object({ recipe: z.unknown() })).recipe, file);
}

/** The preprocessing of the run in `directory`; null before it was decided. */
export function savedPreprocessing(directory: string): SavedPreprocessing | null {
  const { preprocessing } = runFiles(directory);
  return isThere(preprocessing) ? readSaved(preprocessing, preprocessingSchema) : null;
}

/** A file of ours has 3 kB, or 60 where a mean image is in it. */
const maxBytes = 64 << 20;

/** What a run wrote as JSON; a file that is damaged or holds something else is a UsageError. */
export function readSaved<T>(file: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(readTextSync(file, { maxBytes })));
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    const reason = cause instanceof z.ZodError ? describeIssue(cause) : cause instanceof Error ? cause.message : cause;
    throw new UsageError(`${file}: must hold the JSON that the run wrote, got ${reason}. Put it back from a copy.`, {
      cause,
    });
  }
}

/** Where the first difference is, and which. */
const describeIssue = ({ issues: [issue] }: z.ZodError): string =>
  `${issue?.path.join('.') || 'a value'} that is wrong (${issue?.message})`;

/** Names what is trained. Where it runs (backend, software, threads, workers) may change when a run goes on. */
export function recipeHash({ backend: _, software: __, threads: ___, workers: ____, ...rest }: Recipe): string {
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}
