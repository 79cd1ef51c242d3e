import { WeightFileError } from './errors';

/** What trainers count beside the weights: of no use to inference. */
const isCount = (name: string): boolean => /(^|\.)(num_batches_tracked|n_averaged)$/.test(name);

/** First parts of a ResNet's names, ours and others'. */
const isOurs = (part: string): boolean => /^(conv1|bn1|layer\d+|fc|linear|classifier|shortcut|downsample)$/.test(part);

/** How many first parts all names share, none of them ours: `module._orig_mod.` of wrappers, `model.` or `backbone.` of trainers. */
function sharedParts(names: readonly string[]): number {
  const [first = [], ...others] = names.map((name) => name.split('.'));
  let shared = 0;
  while (
    shared < first.length - 1 &&
    !isOurs(first[shared]!) &&
    others.every((parts) => parts.length > shared + 1 && parts[shared] === first[shared])
  ) {
    shared++;
  }
  return shared;
}

/** A weight's name without the wrappers' parts, as torchvision has it. */
const rename = (name: string, shared: number): string =>
  name
    .split('.')
    .slice(shared)
    .join('.')
    .replace(/^(module\.|backbone\.(?=conv1\.|bn1\.|layer\d+\.)|head\.(?=fc\.))/, '')
    .replace(/^(linear|classifier)\./, 'fc.')
    .replace(/^(layer\d+\.\d+)\.shortcut\.(\d)/, '$1.downsample.$2');

/** Their names as torchvision has them, in order; null for a count. */
function renamed(names: readonly string[]): (string | null)[] {
  const shared = sharedParts(names.filter((name) => !isCount(name)));
  return names.map((name) => (isCount(name) ? null : rename(name, shared)));
}

/** Whether weights of these names are a residual network's. */
export function looksLikeResNet(names: readonly string[]): boolean {
  const ours = renamed(names);
  return ours.includes('conv1.weight') && ours.some((name) => name?.startsWith('layer1.0.'));
}

/**
 * Weights under torchvision's names (`layer1.0.conv1.weight`, `layer2.0.downsample.0.weight`, `fc.bias`), which are
 * those of our layers. Understands what other trainers write: first parts that all names share (`module.` of `DataParallel`,
 * `_orig_mod.` of `torch.compile`, `model.`, `net.`, `backbone.`, and mixtures), `linear` and `classifier` for `fc`, `shortcut` for
 * `downsample`; drops `num_batches_tracked` and `n_averaged`, which inference does not need.
 *
 * @throws WeightFileError where two names mean one weight.
 */
export function torchvisionNames<Tensor>(weights: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const result = new Map<string, Tensor>();
  const names = renamed([...weights.keys()]);
  for (const [i, tensor] of [...weights.values()].entries()) {
    const name = names[i];
    if (name === null || name === undefined) continue;
    if (result.has(name)) {
      throw new WeightFileError(
        `loadWeights: ${JSON.stringify(name)} must be there once, got it twice under different names. Remove one.`,
      );
    }
    result.set(name, tensor);
  }
  return result;
}
