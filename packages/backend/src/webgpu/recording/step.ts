import type { TensorInfo } from '@tensorflow/tfjs-core';

/** A training step whose operations are the same at every call: as `RecordableStep` of `@resnet/trainer`. */
export interface RecordableStep {
  readonly inputs: readonly TensorInfo[];
  state(): readonly TensorInfo[];
  run(): TensorInfo;
}

/** A recorded step: as `StepRecording` of `@resnet/trainer`. */
export interface StepRecording {
  readonly trace: readonly string[];
  replay(inputs: readonly (Float32Array | TensorInfo)[]): TensorInfo | null;
  dispose(): void;
}

/** As `StepRecord` of `@resnet/trainer`. */
export type StepRecord =
  | { readonly output: TensorInfo; readonly recording: StepRecording }
  | { readonly output: TensorInfo; readonly reason: string };
