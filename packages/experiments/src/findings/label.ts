import type { ReportTable } from '@resnet/analysis';
import { recipeArchitecture } from '../recipe/architecture';
import { placeOptions, type Recipe, watchOptions } from '../recipe/schema';

/** Settings that labels leave out: the seed, where a run computed, how often it reported. */
const silent: ReadonlySet<string> = new Set([...placeOptions, ...watchOptions, 'seed']);

/**
 * Labels of runs: the model, and every setting in which the runs differ except the seed.
 * Runs with one label differ by seed alone.
 */
export function labelsOf(recipes: readonly Recipe[]): string[] {
  const facts = recipes.map((recipe) => factsOf(recipe));
  const varying = new Set(
    facts.flatMap((entries) => entries.map(([key]) => key)).filter((key) => valuesOf(key, facts).size > 1),
  );
  return recipes.map(({ model }, i) =>
    [model.name, ...facts[i]!.filter(([key]) => varying.has(key)).map(phrase)].join(' '),
  );
}

/** Settings by their paths, including the network's shortcut if the recipe leaves it to the default. */
function factsOf(recipe: Recipe): [string, unknown][] {
  const { name: _, ...options } = recipe.model;
  const { shortcut } = recipeArchitecture(recipe);
  const settings = flat({ ...recipe, model: { ...options, ...(shortcut !== 'none' && { shortcut }) } });
  return settings.filter(([key]) => !silent.has(key));
}

const valuesOf = (key: string, facts: readonly [string, unknown][][]): Set<string> =>
  new Set(
    facts.flatMap((entries) => entries.filter(([other]) => other === key).map(([, value]) => JSON.stringify(value))),
  );

/** Nested settings by path, such as `schedule.base`. */
const flat = (value: object, path = ''): [string, unknown][] =>
  Object.entries(value).flatMap(([key, inner]): [string, unknown][] =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? flat(inner, `${path}${key}.`)
      : [[`${path}${key}`, inner]],
  );

/** Every setting of a recipe by its path, as `schedule.base`. */
export const settingsOf = (recipe: Recipe): [string, unknown][] => flat(recipe);

/** Where runs ran and their names do not make them other experiments. */
const apart: ReadonlySet<string> = new Set([...placeOptions, 'name']);

/**
 * In what recipes differ, a row a setting and a column a run; null where they are alike. A setting that one recipe does not have, as
 * another kind of schedule, is `–`.
 */
export function recipeDifferences(recipes: readonly Recipe[], names: readonly string[]): ReportTable | null {
  const settings = recipes.map((recipe) => new Map(settingsOf(recipe)));
  const keys = [...new Set(settings.flatMap((one) => [...one.keys()]))].filter((key) => !apart.has(key));
  const rows = keys
    .map((key) => [key, ...settings.map((one) => (one.has(key) ? valueInWords(one.get(key)) : '–'))])
    .filter(([, first, ...rest]) => rest.some((value) => value !== first));
  return rows.length === 0 ? null : { caption: 'In what the recipes differ', columns: ['setting', ...names], rows };
}

/** A setting's value as a recipe has it, strings without quotes. */
export const valueInWords = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const phrase = ([key, value]: [string, unknown]): string =>
  key === 'name' ? String(value) : `${key.replace(/^.*\./, '')} ${String(value)}`;
