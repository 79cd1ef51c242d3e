import type * as tf from '@tensorflow/tfjs';
import { type Architecture, convolutions } from './architecture';
import { type BuildOptions, buildArchitecture } from './build';
import { ModelOptionError } from './model-error';
import { type ModelOptions, resolveBlock, withOptions } from './options';

/** What distinguishes the nets of §4.2 from one another. */
export function cifarArchitecture(depth: number, options: ModelOptions = {}): Architecture {
  const block = resolveBlock(options.block, 'basic');
  const period = 3 * convolutions(block);
  const blocks = (depth - 2) / period;
  if (!Number.isInteger(blocks) || blocks < 1) throw new ModelOptionError(wrongDepth(depth, period, block));
  const blocksPerStage = [blocks, blocks, blocks];
  return withOptions(
    { family: 'cifar', blocksPerStage, block, shortcut: 'A', classes: 10, inputShape: [32, 32, 3] },
    options,
  );
}

function wrongDepth(depth: number, period: number, block: string): string {
  const below = Math.max(1, Math.floor((depth - 2) / period) || 1) * period + 2;
  return `cifarResNet: depth must be ${period}n + 2 for ${block} blocks, got ${depth}. Try ${below} or ${below + period}.`;
}

/**
 * The CIFAR-10 network of He et al. 2015, §4.2: three stages of 16, 32 and 64 filters. Maps `[batch, 32, 32, 3]` to logits.
 *
 * @param depth Weighted layers: `6n + 2` for basic blocks (20, 32, 44, 56, 110 and 1202 are the paper's), `9n + 2` for bottlenecks.
 * @throws ModelOptionError for another depth or an unknown option.
 */
export const cifarResNet = (depth: number, options: ModelOptions = {}): tf.LayersModel =>
  buildArchitecture(cifarArchitecture(depth, options), buildOptions(options));

/** The part of the options that is not in the architecture. */
export const buildOptions = ({ name, seed, fan, zeros, zeroLastScale }: ModelOptions): BuildOptions => ({
  name,
  seed,
  fan,
  zeros,
  zeroLastScale,
});
