export { type FileCheckpointsOptions, fileCheckpoints } from './node/file-checkpoints';
export { appendLog, type LogFormat, LogWriteError } from './operators/logs/append-log';
export { type FailureEvent, type LoggedEvent, logEvents, parseEvent } from './operators/logs/log-events';
export { type LayersRow, logLayers, parseLayers } from './operators/logs/log-layers';
export { logMetrics, type MetricsRow, parseMetrics } from './operators/logs/log-metrics';
export { logTensorBoard, type TensorBoardOptions, tensorBoardFile } from './operators/logs/log-tensor-board';
export { MEASURED_SPLITS, type MeasuredSplit } from './operators/logs/split';
export type { LogContinuation } from './operators/logs/survives';
export { type ProgressOptions, type ProgressStream, showProgress } from './operators/progress';
export {
  SignalError,
  type SignalSource,
  type SignalStop,
  type StopExitCode,
  type StopSignal,
  stopOnSignal,
} from './operators/stop-on-signal';
export type { TensorBoardImage } from './operators/tensorboard/event';
export { listRuns, type RunSummary, readRun } from './run/read-run';
export { requireRunFolder } from './run/require-run-folder';
export { createRun, isBegun, openRun, type Run, RunFolderError } from './run/run-folder';
export { type RunPaths, runPaths } from './run/run-paths';
export { type RunStatus, runStatus } from './run/run-status';
export { onStopRequest, requestStop } from './run/stop-request';
