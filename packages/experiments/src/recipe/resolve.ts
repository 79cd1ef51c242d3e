import { statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { isThere, readTextSync } from '@resnet/files';
import { parse } from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../errors';
import type { OnNote } from '../note';
import { recipeArchitecture } from './architecture';
import { didYouMean } from './did-you-mean';
import { isPlain, type Plain, presentName, presentPart, renameNote, withPresentNames } from './former-names';
import { recipes } from './presets';
import { finetune } from './presets/finetune';
import { modelOptionNames, type Recipe, recipeSchema } from './schema';

/**
 * The recipe called `source`, or read from the YAML or JSON file `source`, or `finetune` on the images in the folder or archive `source`.
 *
 * A file has the settings that differ from the recipe that it names in `extends` (default `cifar10`).
 *
 * @param onNote Receives a line if the file uses former names.
 * @throws UsageError for an unknown name, a file that cannot be parsed, a setting that does not exist or cannot have its value;
 *   UnknownModelError and ModelOptionError of `@resnet/models` for its network.
 */
export function loadRecipe(source: string, onNote: OnNote = () => {}): Recipe {
  const { start, changes } = readRecipe(source, onNote);
  return changedRecipe(start, changes, source, onNote);
}

/** A recipe and what a file changes of it. */
export interface RecipeSource {
  /** What is changed. */
  readonly start: Recipe;
  /** Settings by their present names, unchecked; null where there is no file. */
  readonly changes: Plain | null;
}

/** Reads what {@link loadRecipe} loads, without bringing it together. Errors as there. */
export function readRecipe(source: string, onNote: OnNote): RecipeSource {
  const known = recipes.get(source);
  if (known) return { start: known, changes: null };
  if (!isThere(source)) {
    throw new UsageError(
      `recipe: no recipe, no YAML/JSON file and no folder of images is called '${source}'. ${choices(source)}`,
    );
  }
  if (isData(source)) return { start: { ...finetune, name: nameOfData(source), data: source }, changes: null };
  const { extends: base = 'cifar10', ...read } = readPlain(source);
  const found = recipes.get(String(base));
  if (!found)
    throw new UsageError(`recipe: ${source} extends '${String(base)}', which is none. ${choices(String(base))}`);
  const { value: changes, renames } = withPresentNames(read, found.model.name);
  if (renames.length > 0) onNote(renameNote(source, renames));
  return { start: { ...found, name: basename(source, extname(source)) }, changes };
}

/** A recipe with what its file changes, checked. Errors as of {@link loadRecipe}. */
export const changedRecipe = (
  start: Recipe,
  changes: Plain | null,
  source: string,
  onNote: OnNote = () => {},
): Recipe => (changes === null ? start : check({ ...start, ...merged(start, changes, onNote) }, source));

const ARCHIVE = /\.(tar|tar\.gz|tgz|zip)$/i;

/** Whether a path leads to images, and not to a recipe. */
function isData(path: string): boolean {
  if (!statSync(path).isDirectory()) return ARCHIVE.test(path);
  if (!isThere(join(path, 'recipe.json'))) return true;
  throw new UsageError(`recipe: must be a recipe or images, got ${path}, a run.`, { resume: path });
}

/** `photos` of `../photos/` and of `photos.tar.gz`. */
const nameOfData = (path: string): string => basename(resolve(path)).replace(ARCHIVE, '');

const choices = (name: string): string =>
  `There are ${[...recipes.keys()].join(', ')}.${didYouMean(name, [...recipes.keys()])}`;

/**
 * A copy of `recipe` with some settings changed, checked. `undefined` changes nothing. `model`, and a schedule of the same kind, keep
 * the parts that `changes` does not name. A change of `steps` scales the schedule's iterations.
 *
 * @param onNote Receives a line where the schedule was moved.
 * @throws As {@link loadRecipe}.
 */
export function withChanges(recipe: Recipe, changes: RecipeChanges, onNote: OnNote = () => {}): Recipe {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return check({ ...recipe, ...merged(recipe, given, onNote) }, recipe.name);
}

/** Settings to change; of `model` and `schedule` also parts. */
export type RecipeChanges = Partial<Omit<Recipe, 'model' | 'schedule'>> & {
  /** Options of the network to change; also its name. */
  model?: Partial<Recipe['model']>;
  /** Parts of the schedule to change, or another schedule. */
  schedule?: Partial<Recipe['schedule']>;
};

/** Changes, completed by the unchanged parts of `model` and `schedule`: `schedule: { base: 0.05 }` keeps the milestones, scaled with the steps. */
function merged(start: Recipe, changes: Plain, onNote: OnNote): Plain {
  const model = named(changes.model);
  const { schedule = {}, steps } = changes;
  const sameKind = isPlain(schedule) && (schedule.kind ?? start.schedule.kind) === start.schedule.kind;
  return {
    ...changes,
    ...(isPlain(model) && { model: defined({ ...start.model, ...model }) }),
    ...(sameKind && {
      schedule: defined({ ...movedSchedule(start, steps, onNote, Object.keys(schedule)), ...schedule }),
    }),
  };
}

/** The schedule of a recipe when it has other steps: its iterations, those that are not given themselves, keep their place in the run. */
export function movedSchedule(
  { name, schedule, steps: before }: Recipe,
  steps: unknown,
  onNote: OnNote,
  given: readonly string[] = [],
): Recipe['schedule'] {
  if (typeof steps !== 'number' || !(steps > 0) || steps === before) return schedule;
  const at = (step: number) => Math.round((step * steps) / before);
  const told = (option: string, from: unknown, to: unknown) =>
    onNote(`recipe ${name}: ${option} ${from} of ${before} steps become ${to} of ${steps}`);
  if (schedule.kind === 'multistep' && !given.includes('milestones')) {
    const milestones = [...new Set(schedule.milestones.map((step) => Math.max(1, at(step))))];
    told('milestones', schedule.milestones.join(', '), milestones.join(', '));
    return { ...schedule, milestones };
  }
  if (schedule.kind === 'cosine' && schedule.warmupSteps >= 1 && !given.includes('warmupSteps')) {
    told('warmupSteps', schedule.warmupSteps, at(schedule.warmupSteps));
    return { ...schedule, warmupSteps: at(schedule.warmupSteps) };
  }
  return schedule;
}

const defined = (value: Plain): Plain =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));

/** A string stands for `{ name }`. */
const named = (model: unknown): unknown => (typeof model === 'string' ? { name: model } : model);

/**
 * `recipe` with one `key=value` applied; `key` may reach into an object (`schedule.base=0.05`, `model.shortcut=B`).
 * The value is JSON, or YAML where it begins as a list or object (`schedule={ kind: constant, base: 0.1 }`), otherwise text. Other `steps` move the schedule's iterations with them.
 *
 * @param onNote Receives a line where the schedule was moved.
 * @throws As {@link loadRecipe}.
 */
export function withSetting(recipe: Recipe, setting: string, onNote: OnNote = () => {}): Recipe {
  const at = setting.indexOf('=');
  if (at < 1) throw new UsageError(`setting: must be key=value, got '${setting}'.`);
  const path = setting.slice(0, at).split('.');
  const value = parseValue(setting.slice(at + 1), setting);
  if (path.length === 1 && path[0] === 'steps') return withChanges(recipe, { steps: value } as RecipeChanges, onNote);
  return check(assign(recipe, path, value, setting), recipe.name);
}

/**
 * `recipe` with some settings applied: the steps first, since they move the schedule's iterations, then the others in order.
 *
 * @throws As {@link loadRecipe}.
 */
export const withSettings = (recipe: Recipe, settings: readonly string[], onNote?: OnNote): Recipe =>
  settings
    .toSorted((a, b) => Number(isSteps(b)) - Number(isSteps(a)))
    .reduce((changed, setting) => withSetting(changed, setting, onNote), recipe);

const isSteps = (setting: string): boolean => setting.startsWith('steps=');

/** A recipe saved by a run, checked like any other. @throws As {@link loadRecipe}. */
export function parseRecipe(value: unknown, source: string, onNote: OnNote = () => {}): Recipe {
  if (!isPlain(value)) return check(value, source);
  const { value: present, renames } = withPresentNames(value);
  if (renames.length > 0) onNote(renameNote(source, renames));
  return check(present, source);
}

/** Limit on recipe files. Ours have 1 kB; the YAML parser compares every key with every other. */
const maxBytes = 32 << 10;

function readPlain(file: string): Plain {
  const text = readTextSync(file, { links: 'follow', who: 'recipe', maxBytes });
  const value = parseYaml(text, `recipe: ${file}`);
  if (!isPlain(value)) throw new UsageError(`recipe: ${file} must hold one object, got ${JSON.stringify(value)}.`);
  return value;
}

function parseYaml(text: string, who: string): unknown {
  try {
    // Aliases are capped, so that a few lines cannot expand into gigabytes.
    return parse(text, { maxAliasCount: 100, logLevel: 'error' });
  } catch (error) {
    throw new UsageError(`${who} is neither YAML nor JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function parseValue(text: string, setting: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return /^\s*[[{]/.test(text) ? parseYaml(text, `setting: '${setting}'`) : text;
  }
}

/** A copy of `target` with the value at `path` replaced. Only own keys are followed, so no prototype is ever reached. */
function assign(target: Plain, [key = '', ...rest]: string[], value: unknown, setting: string): Plain {
  if (rest.length === 0) return { ...target, [key]: value };
  if (!Object.hasOwn(target, key)) throw new UsageError(unknownSetting(key));
  const inner = target[key];
  if (!isPlain(inner)) throw new UsageError(`setting: '${key}' of '${setting}' has no parts. Set it as a whole.`);
  return { ...target, [key]: assign(inner, rest, value, setting) };
}

function check(value: unknown, source: string): Recipe {
  const result = recipeSchema.safeParse(isPlain(value) ? { ...value, model: named(value.model) } : value);
  if (!result.success) {
    throw new UsageError(
      `recipe ${source}:\n${result.error.issues.map((issue) => `  ${describe(issue, value)}`).join('\n')}`,
    );
  }
  recipeArchitecture(result.data); // Fail fast on an unknown model or an option that it cannot honor.
  return result.data;
}

function describe(issue: z.core.$ZodIssue, recipe: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const { keys, path } = issue;
    const described = keys.slice(0, 10).map((key) => unknownSetting(key, path.map(String)));
    return [...described, ...(keys.length > 10 ? [`… and ${keys.length - 10} more.`] : [])].join(' ');
  }
  return `${issue.path.join('.') || 'recipe'}: ${issue.message}, got ${shown(issue.path.reduce(partOf, recipe))}`;
}

const partOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 200));

const settingNames = Object.keys(recipeSchema.shape);

function unknownSetting(key: string, path: readonly string[] = []): string {
  const present = path.length === 0 ? presentName(key) : path[0] === 'schedule' ? presentPart(key) : null;
  const names = path[0] === 'model' ? modelOptionNames : path.length === 0 ? settingNames : [];
  const hint = present
    ? ` It is '${[...path, present].join('.')}' now.`
    : names.length > 0
      ? didYouMean(key, names)
      : '';
  return `unknown setting '${[...path, key].join('.')}'.${hint}`;
}
