export type { Batch, BatchSource } from './batch';
export { type Best, type Contents, decode, encode, type Progress } from './checkpoint/contents';
export { type Found, newest } from './checkpoint/find';
export { type CheckpointStore, memoryCheckpoints, type StoredCheckpoint } from './checkpoint/store';
export { clipByGlobalNorm } from './clip';
export { softmaxCrossEntropy } from './cross-entropy';
export { CheckpointError, TrainError } from './errors';
export { type EvaluateOptions, evaluate } from './evaluate';
export type {
  CheckpointEvent,
  EndEvent,
  Evaluation,
  EvaluationEvent,
  StartEvent,
  StepEvent,
  TrainEvent,
  WarningEvent,
} from './events';
export { type AdamWOptions, adamw } from './optimizers/adamw';
export {
  type DecaySelection,
  everything,
  type Optimizer,
  type OptimizerState,
  withoutNormAndBias,
} from './optimizers/optimizer';
export { type SgdOptions, sgd } from './optimizers/sgd';
export type { Json, Schedule, Stateful } from './schedule';
export { reestimateStatistics } from './statistics';
export { train } from './train';
export type { CheckpointOptions, TrainOptions } from './train-options';
