import { basename, extname } from 'node:path';
import { isThere, readTextSync } from '@resnet/files';
import { parse } from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../errors';
import { didYouMean } from './did-you-mean';
import { recipes } from './presets';
import { type Recipe, recipeSchema } from './schema';

type Plain = Record<string, unknown>;

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The recipe called `source`, or read from the YAML or JSON file `source`.
 *
 * A file names the recipe it starts from in `extends` (default `cifar10`) and what differs from it.
 */
export function loadRecipe(source: string): Recipe {
  const known = recipes.get(source);
  if (known) return known;
  if (!isThere(source)) {
    throw new UsageError(`recipe: no recipe and no YAML/JSON file is called '${source}'. ${choices(source)}`);
  }
  const { extends: base = 'cifar10', ...changes } = readPlain(source);
  const start = recipes.get(String(base));
  if (!start)
    throw new UsageError(`recipe: ${source} extends '${String(base)}', which is none. ${choices(String(base))}`);
  return check(
    { ...start, name: basename(source, extname(source)), ...changes, ...scheduleOf(start, changes) },
    source,
  );
}

const choices = (name: string): string =>
  `There are ${[...recipes.keys()].join(', ')}.${didYouMean(name, [...recipes.keys()])}`;

/** What a file says of a schedule of the same kind: `schedule: { rate: 0.05 }` keeps the milestones. */
function scheduleOf({ schedule: start }: Recipe, { schedule: changes }: Plain): Plain {
  return isPlain(changes) && (changes.kind ?? start.kind) === start.kind ? { schedule: { ...start, ...changes } } : {};
}

/** `recipe` with some facts changed and checked against the schema. `undefined` changes nothing. */
export function withChanges(recipe: Recipe, changes: Partial<Recipe>): Recipe {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return check({ ...recipe, ...given }, recipe.name);
}

/**
 * Applies one `key=value` of `--set`; `key` may reach into an object (`schedule.rate=0.05`).
 * The value is JSON where it parses as such, otherwise text.
 */
export function withSetting(recipe: Recipe, setting: string): Recipe {
  const at = setting.indexOf('=');
  if (at < 1) throw new UsageError(`--set: must be key=value, got '${setting}'.`);
  const path = setting.slice(0, at).split('.');
  return check(assign(recipe, path, parseValue(setting.slice(at + 1)), setting), recipe.name);
}

/** A recipe saved by an earlier run, checked like any other. */
export const parseRecipe = (value: unknown, source: string): Recipe => check(value, source);

/** Ours have 1 kB. YAML's reader compares every key with every other. */
const maxBytes = 32 << 10;

function readPlain(file: string): Plain {
  const text = readTextSync(file, { links: 'follow', who: 'recipe', maxBytes });
  let value: unknown;
  try {
    // Aliases are capped, so that a few lines cannot expand into gigabytes.
    value = parse(text, { maxAliasCount: 100, logLevel: 'error' });
  } catch (error) {
    throw new UsageError(`recipe: ${file} is neither YAML nor JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (!isPlain(value)) throw new UsageError(`recipe: ${file} must hold one object, got ${JSON.stringify(value)}.`);
  return value;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A copy of `target` with the value at `path` replaced. Only own keys are followed, so no prototype is ever reached. */
function assign(target: Plain, [key, ...rest]: string[], value: unknown, setting: string): Plain {
  if (key === undefined || !Object.hasOwn(target, key)) {
    throw new UsageError(
      `--set: '${setting}' names no setting of the recipe.${didYouMean(String(key), Object.keys(target))}`,
    );
  }
  if (rest.length === 0) return { ...target, [key]: value };
  const inner = target[key];
  if (!isPlain(inner)) throw new UsageError(`--set: '${key}' of '${setting}' has no parts. Set it as a whole.`);
  return { ...target, [key]: assign(inner, rest, value, setting) };
}

function check(value: unknown, source: string): Recipe {
  const result = recipeSchema.safeParse(value);
  if (result.success) return result.data;
  throw new UsageError(`recipe ${source}:\n${result.error.issues.map((issue) => `  ${describe(issue)}`).join('\n')}`);
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const names = Object.keys(recipeSchema.shape);
    const told = issue.keys.slice(0, 10).map((key) => `unknown setting '${key}'.${didYouMean(key, names)}`);
    return [...told, ...(issue.keys.length > 10 ? [`… and ${issue.keys.length - 10} more.`] : [])].join(' ');
  }
  return `${issue.path.join('.') || 'recipe'}: ${issue.message}`;
}
