import { WeightFileError } from './errors';
import type { NamedWeights } from './read-weights';

/**
 * Weights under torchvision's names (`layer1.0.conv1.weight`, `layer2.0.downsample.0.weight`, `fc.bias`), which are
 * those of our layers. Understands what other trainers write: `module.` of `DataParallel`, `linear` for `fc`,
 * `shortcut` for `downsample`; drops `num_batches_tracked`, which inference does not need.
 */
export function torchvisionNames(weights: NamedWeights): NamedWeights {
  const renamed = new Map<string, NamedWeights extends ReadonlyMap<string, infer Tensor> ? Tensor : never>();
  for (const [name, tensor] of weights) {
    if (/(^|\.)num_batches_tracked$/.test(name)) continue;
    const ours = name
      .replace(/^module\./, '')
      .replace(/^linear\./, 'fc.')
      .replace(/^(layer\d+\.\d+)\.shortcut\.(\d)/, '$1.downsample.$2');
    if (renamed.has(ours)) {
      throw new WeightFileError(
        `loadWeights: ${JSON.stringify(ours)} must be there once, got it twice under different names. Remove one.`,
      );
    }
    renamed.set(ours, tensor);
  }
  return renamed;
}
