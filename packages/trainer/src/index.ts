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
