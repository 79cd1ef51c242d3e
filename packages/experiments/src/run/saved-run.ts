import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { FileError, isThere, parseJson, readTextSync } from '@resnet/files';
import { type MetricsRow, parseMetrics, requireRunFolder, runPaths } from '@resnet/trainer/node';
import { z } from 'zod';
import { UsageError } from '../errors';
import type { OnNote } from '../note';
import { isPlain } from '../recipe/former-names';
import { parseRecipe } from '../recipe/resolve';
import { isPlaceOption, type Recipe } from '../recipe/schema';
import { type BrokenImages, brokenImagesSchema } from './broken-images';
import type { Environment } from './environment';
import { type RunResult, resultSchema } from './result';
import { runFiles } from './run-files';

/** What `recipe.json` of a run holds. */
export interface RecipeFile {
  /** The recipe that the run trains by. */
  recipe: Recipe;
  /** Where the run was started. */
  environment: Environment;
}

const numbers = z.array(z.number()).nullable();

const preprocessingSchema = z.object({
  /** Names of the classes, by index. */
  classes: z.array(z.string()).min(1).readonly(),
  /** How images become what the network sees. */
  preprocessing: z.object({
    imageSize: z.int().positive(),
    shorterSide: z.int().positive().nullable(),
    fallbackSide: z.int().positive().optional(),
    mean: numbers,
    std: numbers,
  }),
  /** Identifies the training images by content; null where they cannot be identified. */
  trainedOn: z.string().nullable(),
});

/** What `preprocessing.json` of a run holds: all that the trained network needs to be used on other images. */
export type PreprocessingFile = Readonly<z.infer<typeof preprocessingSchema>>;

/**
 * Checks that no file that a run reads or writes is a link, pipe or device: others may have made the folder.
 *
 * @throws FileError of `@resnet/files` naming the first.
 */
export const requireRun = (directory: string): void =>
  requireRunFolder(
    directory,
    Object.values(runFiles(directory)).map((path) => basename(path)),
  );

/** A run, read from its folder. */
export interface SavedRun {
  /** The run folder. */
  readonly directory: string;
  /** The recipe that the run trains by. */
  readonly recipe: Recipe;
  /** Identifies in checkpoints what is trained: {@link recipeHash} when the run started. */
  readonly hash: string;
  /** Classes and preprocessing; null before training started. */
  readonly prepared: PreprocessingFile | null;
  /** Path of the trained weights, safetensors with torchvision's names; null before the run finished. */
  readonly weights: string | null;
  /** Images that it could not decode; null where it met none. */
  readonly brokenImages: BrokenImages | null;
  /** Null before the run finished. */
  readonly result: RunResult | null;
}

/**
 * Reads a run folder. Takes no lock and changes nothing; weights stay on disk.
 *
 * @param onNote Receives a line if the recipe uses former names.
 * @throws UsageError for a folder without a run and for a damaged file.
 */
export function loadRun(directory: string, onNote: OnNote = () => {}): SavedRun {
  const file = runPaths(directory).recipe;
  if (!isThere(file)) {
    throw new UsageError(`${directory}: must be a run folder, got one without recipe.json. Check the path.`);
  }
  const saved = readSaved(file, z.object({ recipe: z.unknown() })).recipe;
  const recipe = parseRecipe(saved, file, onNote);
  const { preprocessing, weights, brokenImages } = runFiles(directory);
  const { result } = runPaths(directory);
  return {
    directory,
    recipe,
    hash: isPlain(saved) ? hashOf(saved) : recipeHash(recipe),
    prepared: isThere(preprocessing) ? readSaved(preprocessing, preprocessingSchema) : null,
    weights: isThere(weights) ? weights : null,
    brokenImages: isThere(brokenImages) ? readSaved(brokenImages, brokenImagesSchema) : null,
    result: isThere(result) ? readSaved(result, resultSchema) : null,
  };
}

/** What a run measured at each iteration and evaluation; `metrics.csv`. */
export const metricsOf = (directory: string): MetricsRow[] => parseMetrics(readTextSync(runPaths(directory).metrics));

/**
 * Classes and preprocessing of a run.
 *
 * @throws UsageError before training started.
 */
export function preparedOf({ directory, prepared }: Pick<SavedRun, 'directory' | 'prepared'>): PreprocessingFile {
  return prepared ?? unfinished(directory, 'must have started training, got no preprocessing.json');
}

/**
 * The result of a run.
 *
 * @throws UsageError before the run finished.
 */
export function resultOf({ directory, result }: Pick<SavedRun, 'directory' | 'result'>): RunResult {
  return result ?? unfinished(directory, 'must be a finished run, got no result.json');
}

/** Throws for a run that must be resumed first. */
export function unfinished(directory: string, problem: string): never {
  throw new UsageError(`${directory}: ${problem}. Resume the run.`, { resume: directory });
}

/** Limit on these files. The largest has 3 kB, or 60 kB with a mean image. */
const maxBytes = 64 << 20;

/** Reads and checks a JSON file of a run. Throws a UsageError for a damaged file or other content. */
export function readSaved<T>(file: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(parseJson(readTextSync(file, { maxBytes })));
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    const reason = cause instanceof z.ZodError ? describeIssue(cause) : cause instanceof Error ? cause.message : cause;
    throw new UsageError(
      `${file}: must hold the JSON that the run wrote, got ${reason}. Restore it from a copy.`,
      {},
      { cause },
    );
  }
}

/** Path and reason of the first problem. */
const describeIssue = ({ issues: [issue] }: z.ZodError): string =>
  `${issue?.path.join('.') || 'a value'} that is wrong (${issue?.message})`;

/** Identifies what is trained: SHA-256 of the recipe without the settings of where it runs. */
export const recipeHash = (recipe: Recipe): string => hashOf(recipe);

/** Depends on the order of the settings, since checkpoints hold the hash of the recipe as it was saved. */
const hashOf = (recipe: object): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(Object.entries(recipe).filter(([key]) => !isPlaceOption(key)))))
    .digest('hex');

/**
 * Whether two recipes train the same. Where they run, the path of their images and the order of settings may differ; `runRecipe`
 * compares the images by content.
 */
export const trainsTheSame = (one: Recipe, other: Recipe): boolean =>
  canonical({ ...one, data: null }) === canonical({ ...other, data: null });

const canonical = (recipe: Recipe): string =>
  JSON.stringify(sorted(Object.fromEntries(Object.entries(recipe).filter(([key]) => !isPlaceOption(key)))));

/** A copy of plain data whose objects have their keys in order, at every depth. */
const sorted = (value: unknown): unknown =>
  isPlain(value)
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, inner]) => [key, sorted(inner)]),
      )
    : value;
