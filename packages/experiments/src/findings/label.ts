import { recipeArchitecture } from '../recipe/architecture';
import { placeOptions, type Recipe, watchOptions } from '../recipe/schema';

/** Settings that do not make a run another experiment: its seed, where it ran, how often it reported. */
const silent: ReadonlySet<string> = new Set([...placeOptions, ...watchOptions, 'seed']);

/**
 * What to call each run among the others: its model, and every setting in which the runs differ, apart from the seed.
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

/** Settings by their paths, a network's shortcut also where the recipe leaves it to the network's default. */
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

/** Settings with parts by their parts, as `schedule.base`. */
const flat = (value: object, path = ''): [string, unknown][] =>
  Object.entries(value).flatMap(([key, inner]): [string, unknown][] =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? flat(inner, `${path}${key}.`)
      : [[`${path}${key}`, inner]],
  );

const phrase = ([key, value]: [string, unknown]): string =>
  key === 'name' ? String(value) : `${key.replace(/^.*\./, '')} ${String(value)}`;
