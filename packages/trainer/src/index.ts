export type { Batch, Batches, BatchLike, BatchPart, BatchSource, LabelsLike } from './batch';
export {
  type BestValidation,
  type CheckpointContents,
  decodeCheckpoint,
  encodeCheckpoint,
  type TrainingProgress,
} from './checkpoint/contents';
export { bestCheckpoint, type FoundCheckpoint, newestCheckpoint } from './checkpoint/find';
export { restoreWeights } from './checkpoint/restore-weights';
export { type CheckpointStore, memoryCheckpoints, type StoredCheckpoint } from './checkpoint/store';
export { clipByGlobalNorm } from './clip';
export { softmaxCrossEntropy } from './cross-entropy';
export { CheckpointError, TrainError } from './errors';
export { type BatchScores, type EvaluateOptions, evaluate, type OnScores } from './evaluate';
export type {
  CheckpointEvent,
  EndEvent,
  Evaluation,
  EvaluationEvent,
  LayerMeasure,
  LayersEvent,
  StartEvent,
  StepEvent,
  TrainEvent,
  WarningEvent,
} from './events';
export {
  type FindLearningRateOptions,
  findLearningRate,
  type RateCurve,
  type RatePoint,
} from './operators/find-learning-rate';
export { type RunningMean, runningMean } from './operators/running-mean';
export { type AdamWOptions, adamw } from './optimizers/adamw';
export {
  DECAY_KINDS,
  type Decay,
  type Optimizer,
  type OptimizerState,
  type RateGroup,
  type RecordableUpdate,
} from './optimizers/optimizer';
export { type SgdOptions, sgd } from './optimizers/sgd';
export type { Parallel } from './parallel';
export { DivergenceError, failOnDivergence } from './policies/fail-on-divergence';
export type { Policy, PolicyRun, RunPolicy } from './policies/policy';
export { type RollbackOptions, rollbackOnDivergence } from './policies/rollback-on-divergence';
export { type StopEarlyOptions, stopEarly } from './policies/stop-early';
export type { RecordableStep, RecordingBackend, StepRecord, StepRecording } from './recording';
export type { RecordingReport } from './recordings';
export type { Json, Schedule, Stateful } from './schedule';
export { type ScoredLabel, type Scores, scoreProbabilities } from './scores';
export { reestimateStatistics } from './statistics';
export { train } from './train';
export type { CheckpointOptions, TrainOptions } from './train-options';
