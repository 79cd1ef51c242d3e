export { type Block, chain, channels, identity, repeat } from './block';
export { type Initialization, initialized, scope, sequence } from './build-context';
export { add, conv, convNorm, maxPool, norm, relu } from './conv-norm';
export { BlockError } from './errors';
export { type Fan, type HeNormalOptions, heNormal } from './he-normal';
export { globalAveragePool, head, linear } from './head';
export { Add } from './layers/add';
export { BatchNorm, type BatchNormArgs } from './layers/batch-norm';
export { Conv2D, type Conv2DArgs } from './layers/conv2d';
export { MaxPool, type MaxPoolArgs } from './layers/max-pool';
export { PadShortcut } from './layers/pad-shortcut';
export { ReLU } from './layers/relu';
export { type NetworkOptions, network } from './network';
export { batchNormTraining, type ObserveStatistics } from './ops/batch-norm';
export { type Padding, padShortcutOp } from './ops/pad-shortcut';
export { reluOp } from './ops/relu';
export { type NormalizationGroup, normalizeTogether } from './ops/whole-statistics';
export { type PreactOptions, preactBasic, preactBasicBlock, preactBottleneck, preactBottleneckBlock } from './preact';
export {
  type BasicOptions,
  type BottleneckOptions,
  basic,
  basicBlock,
  bottleneck,
  bottleneckBlock,
  EXPANSION,
  type ResidualBlock,
  residual,
  STRIDE_PLACEMENTS,
  type StridePlacement,
} from './residual';
export {
  none,
  PAD_PLACEMENTS,
  type PadPlacement,
  type ProjectionOptions,
  padded,
  projected,
  projectedAlways,
  projection,
  type Shortcut,
} from './shortcuts';
