import type * as tf from '@tensorflow/tfjs';
import { closest } from 'fastest-levenshtein';
import type { Architecture } from './architecture';
import { buildArchitecture } from './build';
import { buildOptions, cifarArchitecture } from './cifar';
import { imagenetArchitecture, imagenetDepths } from './imagenet';
import { ModelOptionError, UnknownModelError } from './model-error';
import type { ModelOptions } from './options';

/** The paper's nets by name. `createModel` takes any other CIFAR depth, too: `resnet8`, `plain26`, … */
export const modelNames: readonly string[] = [
  ...[20, 32, 44, 56, 110, 1202, ...imagenetDepths].map((depth) => `resnet${depth}`),
  ...[20, 32, 44, 56, 110, 18, 34].map((depth) => `plain${depth}`),
];

/**
 * Makes a model of the zoo: `createModel('resnet20', { shortcut: 'B', seed: 1 })`.
 *
 * @param name `resnet` or `plain`, and a depth: 18, 34, 50, 101 and 152 are Table 1's nets for ImageNet, every other one is §4.2's for CIFAR.
 * @throws UnknownModelError for another name, suggesting the nearest; ModelOptionError for a depth or option that cannot be.
 */
export const createModel = (name: string, options: ModelOptions = {}): tf.LayersModel =>
  buildArchitecture(modelArchitecture(name, options), { ...buildOptions(options), name: options.name ?? name });

/** What `createModel` would build. */
export function modelArchitecture(name: string, options: ModelOptions = {}): Architecture {
  const [, kind, digits] = /^(resnet|plain)(\d+)$/.exec(name) ?? [];
  if (!kind) {
    throw new UnknownModelError(
      `createModel: no model is called '${name}'. Did you mean '${closest(name, modelNames)}'?`,
    );
  }
  const depth = Number(digits);
  const family = imagenetDepths.includes(depth) ? imagenetArchitecture : cifarArchitecture;
  return family(depth, kind === 'plain' ? { ...options, shortcut: plainShortcut(name, options) } : options);
}

function plainShortcut(name: string, { shortcut = 'none' }: ModelOptions): 'none' {
  if (shortcut === 'none') return shortcut;
  throw new ModelOptionError(
    `createModel: ${name} has no shortcut, got '${shortcut}'. Use ${name.replace('plain', 'resnet')}.`,
  );
}
