import {
  type Block,
  basicBlock,
  bottleneckBlock,
  chain,
  convNorm,
  head,
  type Initialization,
  identity,
  maxPool,
  network,
  none,
  norm,
  padded,
  preactBasicBlock,
  preactBottleneckBlock,
  projection,
  type ResidualBlock,
  relu,
  repeat,
  type Shortcut,
  scope,
} from '@resnet/blocks';
import type * as tf from '@tensorflow/tfjs';
import { type Architecture, attachArchitecture, checkArchitecture, type ModelFamily, nameOf } from './architecture';

/** What may be chosen without changing a net's graph. */
export interface BuildOptions extends Initialization {
  /** The model's name; by default its architecture's, such as `resnet20`. */
  name?: string;
  /** Start every residual branch as nothing: its last normalisation's scale is 0. */
  zeroLastScale?: boolean;
}

/** Table 1's first rows, and §4.2's first layer. */
const stems: Readonly<Record<ModelFamily, Block>> = {
  cifar: chain(convNorm(16, 3), relu),
  imagenet: chain(convNorm(64, 7, 2), relu, maxPool(3, 2)),
};

/** The width of the first stage; each further one has twice as many filters on a quarter of the pixels. */
const widths: Readonly<Record<ModelFamily, number>> = { cifar: 16, imagenet: 64 };

/**
 * Makes a model that maps `[batch, …inputShape]` to logits `[batch, classes]`. Layers carry torchvision's names,
 * so `model.getLayer('layer1.0.bn2').output` is a branch's response before its addition.
 *
 * @throws ModelOptionError for an architecture that cannot be.
 */
export function buildArchitecture(architecture: Architecture, options: BuildOptions = {}): tf.LayersModel {
  checkArchitecture(architecture);
  const { name = nameOf(architecture), zeroLastScale = false, ...initialization } = options;
  const { family, blocksPerStage, classes, inputShape } = architecture;
  const preact = isPreact(architecture);
  const stages = blocksPerStage.map((count, stage) => {
    const filters = widths[family] * 2 ** stage;
    return scope(
      `layer${stage + 1}`,
      repeat(count, (i) => {
        const block = residualBlock(architecture, { first: stage === 0 && i === 0, zeroLastScale });
        return scope(String(i), block(filters, stage > 0 && i === 0 ? 2 : 1, shortcutOf(architecture)));
      }),
    );
  });
  const body = chain(stems[family], ...stages, preact ? chain(norm(), relu) : identity, head(classes));
  const model = network({ ...initialization, inputShape, name }, body);
  attachArchitecture(model, architecture);
  return model;
}

const isPreact = ({ block }: Architecture): boolean => block.startsWith('preact');

function residualBlock(
  { block, variant }: Architecture,
  { first, zeroLastScale }: { first: boolean; zeroLastScale: boolean },
): ResidualBlock {
  const strideIn = variant === 'paper' ? '1x1' : '3x3';
  switch (block) {
    case 'basic':
      return basicBlock({ zeroLastScale });
    case 'bottleneck':
      return bottleneckBlock({ zeroLastScale, strideIn });
    case 'preact-basic':
      return preactBasicBlock({ activated: first });
    case 'preact-bottleneck':
      return preactBottleneckBlock({ activated: first, strideIn });
  }
}

function shortcutOf(architecture: Architecture): Shortcut {
  const normalize = !isPreact(architecture);
  switch (architecture.shortcut) {
    case 'A':
      return padded({ pad: architecture.pad });
    case 'B':
      return projection({ normalize });
    case 'C':
      return projection({ normalize, always: true });
    case 'none':
      return none;
  }
}
