import { recipeArchitecture } from './architecture';
import { cifar10, cifar10Deep } from './presets/cifar10';
import { placeOptions, type Recipe, watchOptions } from './schema';

/** Test errors on CIFAR-10 as Table 6 has them, for shortcut A; ResNet-110's is the mean of its five runs, 6.61 ± 0.16. */
const table6: Readonly<Record<string, number>> = {
  resnet20: 0.0875,
  resnet32: 0.0751,
  resnet44: 0.0717,
  resnet56: 0.0697,
  resnet110: 0.0661,
  resnet1202: 0.0793,
};

/** The classes of CIFAR-10, on which Table 6 reports. */
const classes10 = 'airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck';

/** Settings that may differ from the paper's recipe without changing its protocol. */
const free: ReadonlySet<string> = new Set([
  ...placeOptions,
  ...watchOptions,
  'name',
  'model',
  'data',
  'holdOut',
  'split',
  'onDivergence',
  'crops',
  'seed',
]);

const protocol = (recipe: Recipe): string =>
  JSON.stringify(
    Object.entries(recipe)
      .filter(([key]) => !free.has(key))
      .sort(),
  );

/** Whether a network is one of Table 6: basic blocks and shortcut A, with either padding. */
function isTable6(recipe: Recipe): boolean {
  const { shortcut, block } = recipeArchitecture(recipe);
  return shortcut === 'A' && block === 'basic' && !recipe.model.zeroLastScale;
}

/** The paper's test error for a recipe's network, a fraction; null unless data, network and protocol are the paper's. */
export function paperError(recipe: Recipe, classes: readonly string[]): number | null {
  const { name } = recipe.model;
  const paper = name === 'resnet110' ? cifar10Deep : cifar10;
  const same = classes.join() === classes10 && isTable6(recipe) && protocol(recipe) === protocol(paper);
  return same ? (table6[name] ?? null) : null;
}
