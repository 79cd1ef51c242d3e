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
import {
  type Architecture,
  attachArchitecture,
  checkArchitecture,
  isPreact,
  type ModelFamily,
  nameOf,
} from './architecture';
import { ModelOptionError } from './model-error';

/** What may be chosen without changing a net's graph. */
export interface BuildOptions extends Initialization {
  /** The model's name; by default its architecture's, such as `resnet20`. */
  name?: string;
  /** Start every residual branch as zero: the scale of its last normalization starts at 0 (Goyal et al. 2017, §5.1). Default false. */
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
  checkZeroLastScale(architecture, options.zeroLastScale);
  const { name = nameOf(architecture), zeroLastScale = false, ...initialization } = options;
  const { family, blocksPerStage, classes, inputShape } = architecture;
  const preact = isPreact(architecture.block);
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

/** Refuses `zeroLastScale` for branches that do not end in a normalization, and for nets that it would silence. */
export function checkZeroLastScale({ block, shortcut }: Pick<Architecture, 'block' | 'shortcut'>, zero = false): void {
  if (!zero) return;
  if (isPreact(block)) {
    throw new ModelOptionError(
      `createModel: zeroLastScale must go with blocks that end in a normalization, got ${block}. Leave it out, or use block '${block.replace('preact-', '')}'.`,
    );
  }
  if (shortcut === 'none') {
    throw new ModelOptionError(
      'createModel: zeroLastScale must go with shortcuts, which carry the input past a branch of zeros, got none. Leave it out.',
    );
  }
}

function residualBlock(
  { block, strideIn }: Architecture,
  { first, zeroLastScale }: { first: boolean; zeroLastScale: boolean },
): ResidualBlock {
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
  const normalize = !isPreact(architecture.block);
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
