import { PAD_PLACEMENTS, type PadPlacement, STRIDE_PLACEMENTS, type StridePlacement } from '@resnet/blocks';
import type * as tf from '@tensorflow/tfjs';
import { checkOneOf, ModelOptionError } from './model-error';

/** Which of the paper's two kinds of nets: three stages for 32×32 images, or four for 224×224. */
export type ModelFamily = 'cifar' | 'imagenet';

/** The residual blocks that a net can repeat. */
export const BLOCK_KINDS = ['basic', 'bottleneck', 'preact-basic', 'preact-bottleneck'] as const;
/** What a net repeats: Figure 5's basic or bottleneck block, or their pre-activation forms (He et al. 2016). */
export type BlockKind = (typeof BLOCK_KINDS)[number];

/** §3.3's options, and none. */
export const SHORTCUT_KINDS = ['A', 'B', 'C', 'none'] as const;
/** §3.3's options: A pads with zeros, B projects where shapes differ, C projects everywhere; `none` is a plain net. */
export type ShortcutKind = (typeof SHORTCUT_KINDS)[number];

/** All that defines a net's graph, as plain JSON: models carry it, also through saving and loading. */
export interface Architecture {
  /** Decides the stem and the width of the first stage: 16 filters for `cifar`, 64 for `imagenet`. */
  family: ModelFamily;
  /** How many blocks each stage has. */
  blocksPerStage: readonly number[];
  /** What each stage repeats. */
  block: BlockKind;
  /** By default A for CIFAR (§4.2), B for ImageNet and `none` for plain nets. */
  shortcut: ShortcutKind;
  /** Where option A puts its zero channels. */
  pad: PadPlacement;
  /** Which convolution of a bottleneck has the stride; by default the 3×3. */
  strideIn: StridePlacement;
  /** Logits an image. By default 10 for CIFAR and 1000 for ImageNet. */
  classes: number;
  /** `[height, width, channels]`; null for an axis that may vary. */
  inputShape: readonly [height: number | null, width: number | null, channels: number];
}

/** Whether a block normalizes and activates before its convolutions (He et al. 2016). */
export const isPreact = (block: BlockKind): boolean => block.startsWith('preact');

/** Whether a block has the three convolutions of a bottleneck. */
export const isBottleneck = (block: BlockKind): boolean => block.endsWith('bottleneck');

/** Weighted layers between a block's input and output. */
export const convolutions = (block: BlockKind): number => (isBottleneck(block) ? 3 : 2);

/** Weighted layers of a net, projections apart: what its name says. */
export const depth = ({ blocksPerStage, block }: Pick<Architecture, 'blocksPerStage' | 'block'>): number =>
  convolutions(block) * blocksPerStage.reduce((sum, count) => sum + count, 0) + 2;

/** `resnet20`, `plain34`, … */
export const nameOf = (architecture: Pick<Architecture, 'blocksPerStage' | 'block' | 'shortcut'>): string =>
  `${architecture.shortcut === 'none' ? 'plain' : 'resnet'}${depth(architecture)}`;

/** Throws a `ModelOptionError` that names the first option that cannot be. */
export function checkArchitecture(architecture: Architecture): void {
  const { block, shortcut, pad, strideIn, classes, inputShape } = architecture;
  checkOneOf('createModel', 'block', block, BLOCK_KINDS);
  checkOneOf('createModel', 'shortcut', shortcut, SHORTCUT_KINDS);
  checkOneOf('createModel', 'pad', pad, PAD_PLACEMENTS);
  checkOneOf('createModel', 'strideIn', strideIn, STRIDE_PLACEMENTS);
  if (!isSize(classes))
    throw new ModelOptionError(`createModel: classes must be a whole number from 1, got ${classes}.`);
  const [height, width, channels, ...more] = inputShape;
  const spatial = [height, width].every((size) => size === null || isSize(size));
  if (!spatial || !isSize(channels) || more.length > 0) {
    throw new ModelOptionError(
      `createModel: inputShape must be [height, width, channels], such as [32, 32, 3], got [${inputShape}]. Height and width may be null.`,
    );
  }
}

const isSize = (value: number | null | undefined): boolean => Number.isInteger(value) && Number(value) >= 1;

const KEY = 'resnet';

/** Writes the architecture where tf.layers keeps a model's own metadata. */
export const attachArchitecture = (model: tf.LayersModel, architecture: Architecture): void =>
  model.setUserDefinedMetadata({ [KEY]: architecture });

/**
 * What a model of this package is made of, also after saving and loading it.
 *
 * @throws ModelOptionError for any other model.
 */
export function architectureOf(model: tf.LayersModel): Architecture {
  const metadata: { [KEY]?: SavedArchitecture } | undefined = model.getUserDefinedMetadata();
  const architecture = metadata?.[KEY];
  if (architecture) return current(architecture);
  throw new ModelOptionError(`architectureOf: ${model.name} does not say how it was made. Make it with createModel.`);
}

/** As earlier versions saved it: `variant` in place of `strideIn`. */
type SavedArchitecture = Architecture & { variant?: 'v1.5' | 'paper' };

function current({ variant, ...architecture }: SavedArchitecture): Architecture {
  return variant ? { ...architecture, strideIn: variant === 'paper' ? '1x1' : '3x3' } : architecture;
}
