export { PickleError, WeightFileError } from './weights/errors';
export { exportSafetensors } from './weights/export-safetensors';
export { loadWeights, WeightMismatchError, type WrongShape } from './weights/load-weights';
export { modelWeights } from './weights/model-weights';
export { torchvisionNames } from './weights/names';
export { type NamedWeights, readWeights } from './weights/read-weights';
