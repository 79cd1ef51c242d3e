import type * as tf from '@tensorflow/tfjs';
import type { Architecture } from './architecture';
import { buildArchitecture } from './build';
import { buildOptions } from './cifar';
import { ModelOptionError } from './model-error';
import { type ModelOptions, resolveBlock, withOptions } from './options';

/** Table 1: blocks per stage, and the block that the paper uses at this depth. */
const table1: Readonly<Record<number, readonly [blocks: readonly number[], own: 'basic' | 'bottleneck']>> = {
  18: [[2, 2, 2, 2], 'basic'],
  34: [[3, 4, 6, 3], 'basic'],
  50: [[3, 4, 6, 3], 'bottleneck'],
  101: [[3, 4, 23, 3], 'bottleneck'],
  152: [[3, 8, 36, 3], 'bottleneck'],
};

/** Table 1's depths. */
export const imagenetDepths: readonly number[] = Object.keys(table1).map(Number);

/** What distinguishes the nets of Table 1 from one another. */
export function imagenetArchitecture(depth: number, options: ModelOptions = {}): Architecture {
  const row = table1[depth];
  if (!row)
    throw new ModelOptionError(`imagenetResNet: depth must be one of ${imagenetDepths.join(', ')}, got ${depth}.`);
  const [blocksPerStage, own] = row;
  const block = resolveBlock(options.block, own);
  return withOptions(
    { family: 'imagenet', blocksPerStage, block, shortcut: 'B', classes: 1000, inputShape: [224, 224, 3] },
    options,
  );
}

/**
 * The ImageNet network of He et al. 2015, Table 1. Maps `[batch, 224, 224, 3]` to logits `[batch, 1000]`. The depth says how
 * many blocks there are; with `block` a bottleneck ResNet-18 can be made, too. `inputShape: [null, null, 3]` takes any size.
 *
 * @param depth 18, 34, 50, 101 or 152.
 * @throws ModelOptionError for another depth or an unknown option.
 */
export const imagenetResNet = (depth: number, options: ModelOptions = {}): tf.LayersModel =>
  buildArchitecture(imagenetArchitecture(depth, options), buildOptions(options));
