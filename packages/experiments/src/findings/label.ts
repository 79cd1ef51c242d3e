import type { Recipe } from '../recipe/schema';

/** Settings that do not make a run another experiment: its seed, where it ran, and how often it looked up. */
const silent = new Set<string>([
  'seed',
  'model',
  'backend',
  'threads',
  'workers',
  'validateEvery',
  'checkpointEvery',
  'keep',
]);

/**
 * What to call each run among the others: its model, and every setting in which the runs differ, apart from the seed.
 * Runs with one label differ by seed alone.
 */
export function labelsOf(recipes: readonly Recipe[]): string[] {
  const facts = recipes.map((recipe) => flat(recipe).filter(([key]) => matters(key, recipe)));
  const varying = new Set(
    facts.flatMap((entries) => entries.map(([key]) => key)).filter((key) => valuesOf(key, facts).size > 1),
  );
  return recipes.map((recipe, i) =>
    [recipe.model, ...facts[i]!.filter(([key]) => varying.has(key)).map(phrase)].join(' '),
  );
}

/** A plain net has no shortcut whose kind could matter. */
const matters = (key: string, { model }: Recipe): boolean =>
  !silent.has(key) && !(model.startsWith('plain') && (key === 'shortcut' || key === 'pad'));

const valuesOf = (key: string, facts: readonly [string, unknown][][]): Set<string> =>
  new Set(
    facts.flatMap((entries) => entries.filter(([other]) => other === key).map(([, value]) => JSON.stringify(value))),
  );

/** Settings with parts by their parts, as `schedule.rate`. */
const flat = (value: object, path = ''): [string, unknown][] =>
  Object.entries(value).flatMap(([key, inner]): [string, unknown][] =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? flat(inner, `${path}${key}.`)
      : [[`${path}${key}`, inner]],
  );

const phrase = ([key, value]: [string, unknown]): string =>
  key === 'name' ? String(value) : `${key.replace(/^.*\./, '')} ${String(value)}`;
