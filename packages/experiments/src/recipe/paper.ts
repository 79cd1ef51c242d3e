import { cifar10, cifar10Deep } from './presets/cifar10';
import type { Recipe } from './schema';

/** Test errors on CIFAR-10 as Table 6 has them, for shortcut A; ResNet-110's is the mean of its five runs, 6.61 ± 0.16. */
const table6: Readonly<Record<string, number>> = {
  resnet20: 0.0875,
  resnet32: 0.0751,
  resnet44: 0.0717,
  resnet56: 0.0697,
  resnet110: 0.0661,
  resnet1202: 0.0793,
};

/** The images that Table 6 is about. */
const classes10 = 'airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck';

/** Settings that leave the paper's protocol as it is: which net, images, seed and machine, and how often it is looked at. */
const free = new Set<string>([
  'name',
  'model',
  'pad',
  'data',
  'holdOut',
  'split',
  'validateEvery',
  'checkpointEvery',
  'keep',
  'onNan',
  'crops',
  'seed',
  'workers',
  'backend',
  'threads',
]);

const protocol = (recipe: Recipe): string =>
  JSON.stringify(
    Object.entries(recipe)
      .filter(([key]) => !free.has(key))
      .sort(),
  );

/** The paper's error for this net, as a fraction; null unless images and recipe are the paper's. */
export function paperError(recipe: Recipe, classes: readonly string[]): number | null {
  const deep = recipe.model === 'resnet110' ? cifar10Deep : cifar10;
  return classes.join() === classes10 && protocol(recipe) === protocol(deep) ? (table6[recipe.model] ?? null) : null;
}
