import type { Recipe } from '../recipes/recipe';

/** Settings that do not make a run another experiment: its seed, where it ran, and how often it looked up. */
const silent = new Set<string>([
  'name',
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
  const facts = recipes.map((recipe) => Object.entries(recipe).filter(([key]) => matters(key, recipe)));
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

const phrase = ([key, value]: [string, unknown]): string =>
  typeof value === 'object' ? `${key} ${JSON.stringify(value)}` : `${key} ${String(value)}`;
