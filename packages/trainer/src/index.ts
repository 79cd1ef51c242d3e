export { CheckpointError, TrainError } from './errors';
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
