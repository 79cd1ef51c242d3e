export { PAD_PLACEMENTS, type PadPlacement, STRIDE_PLACEMENTS, type StridePlacement } from '@resnet/blocks';
export {
  type Architecture,
  architectureOf,
  BLOCK_KINDS,
  type BlockKind,
  type ModelFamily,
  SHORTCUT_KINDS,
  type ShortcutKind,
} from './architecture';
export { type BuildOptions, buildArchitecture } from './build';
export { cifarResNet } from './cifar';
export { createModel, modelArchitecture, modelNames } from './create-model';
export { deepenModel } from './deepen';
export { FREEZE_CHOICES, type FreezeChoice, freeze, headLayer } from './freeze';
export { imagenetResNet } from './imagenet';
export { ModelOptionError, UnknownModelError } from './model-error';
export { OnnxError } from './onnx/layer-nodes';
export { type OnnxOptions, toOnnx } from './onnx/to-onnx';
export { BLOCK_CHOICES, type BlockChoice, type ModelOptions } from './options';
export { type StandardOptions, toStandardLayers } from './standard';
export { type InputShape, type LayerSummary, type ModelSummary, summarizeModel } from './summary';
export { PickleError, type WeightAdvice, WeightFileError } from './weights/errors';
export { exportSafetensors } from './weights/export-safetensors';
export { type LoadWeightsOptions, loadWeights, WeightMismatchError, type WrongShape } from './weights/load-weights';
export { modelWeights } from './weights/model-weights';
export { torchvisionNames } from './weights/names';
export { type NetworkOfWeights, networkOfShapes } from './weights/network-of-shapes';
export { type NamedWeights, readWeights } from './weights/read-weights';
export type { ReadWeightsOptions } from './weights/torch/state-dict';
