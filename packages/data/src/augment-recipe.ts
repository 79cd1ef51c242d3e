import type { Augment } from '@resnet/augment';

/** Where a worker thread finds an augmentation, since functions cannot be sent to it. */
export interface AugmentModule {
  /** A package, or the `file:` URL of a module (`new URL('./mine.js', import.meta.url).href`). */
  readonly module: string;
  /** The export to call. Default `default`. */
  readonly export?: string;
  /** Its argument; plain data. The call returns the augmentation. */
  readonly options?: unknown;
}

/**
 * How to augment: a function, for batches made without workers; the name of a recipe of `@resnet/augment`, such as `cifar`; or a module.
 * `'cifar'` is `{ module: '@resnet/augment', export: 'cifar' }`.
 */
export type AugmentRecipe = Augment | string | AugmentModule;

/** Whether it can be sent to a worker thread. */
export const isPortable = (recipe: AugmentRecipe): recipe is string | AugmentModule => typeof recipe !== 'function';

/**
 * Turns a recipe into the function it stands for.
 *
 * @throws TypeError where the module has no such function.
 */
export async function resolveAugment(recipe: AugmentRecipe): Promise<Augment> {
  if (typeof recipe === 'function') return recipe;
  const {
    module,
    export: name = 'default',
    options,
  } = typeof recipe === 'string' ? { module: '@resnet/augment', export: recipe } : recipe;
  const exports: Record<string, unknown> = await import(module);
  const make = exports[name];
  if (typeof make !== 'function')
    throw new TypeError(`batches: augment must name a function, ${module} has no ${name}.`);
  const augment: unknown = options === undefined ? make() : make(options);
  if (typeof augment !== 'function')
    throw new TypeError(`batches: ${name} of ${module} must return an augmentation, got ${typeof augment}.`);
  // Keeps what an augmentation says of itself: `augmentInto` looks for the window that it cuts.
  const call: Augment = (image, random) => augment(image, random);
  return Object.assign(call, augment);
}
