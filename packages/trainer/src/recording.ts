import type * as tf from '@tensorflow/tfjs';

/**
 * What a TensorFlow.js backend adds to itself if it can record a training step and replay it without TensorFlow.js in
 * between: `train` looks for it on `tf.backend()`. Found by its shape; a backend need not import this package.
 */
export interface RecordingBackend {
  /**
   * Runs `step.run()` once, as ever, and notes what it does on the device. The step counts as done in either case.
   *
   * @throws Whatever `step.run()` throws; then nothing is kept.
   */
  recordStep(step: RecordableStep): StepRecord;
  /**
   * Has JavaScript work on the values of float tensors, in place in the backend's memory: at once, and where that is in a step that is
   * recorded, at the same point of every replay. The memory stays where it is as long as the tensor is there.
   */
  workInPlace?(tensors: readonly tf.Tensor[], work: (values: Float32Array[]) => void): void;
}

/** A training step whose operations are the same at every call, on other inputs and another state. */
export interface RecordableStep {
  /**
   * What `run` reads of the host and what is new at every step: images, labels, the optimizer's numbers. float32.
   * The caller's, who may dispose them after `recordStep`.
   */
  readonly inputs: readonly tf.Tensor[];
  /**
   * What outlives a step and is read by the next one: weights, statistics, optimizer slots, averages. Called before and after `run` and
   * before every replay: always the same number of tensors in the same order and of the same shapes, but not always the same objects.
   */
  state(): readonly tf.Tensor[];
  /** Does the step, synchronously, and returns what is read of it. The tensor is the caller's. */
  run(): tf.Tensor;
}

/** A step that was done, with its recording or the reason why it cannot be recorded. */
export type StepRecord =
  | {
      /** What `run` returned. */
      readonly output: tf.Tensor;
      /** The recording; the caller's. */
      readonly recording: StepRecording;
    }
  | {
      /** What `run` returned. */
      readonly output: tf.Tensor;
      /** Why there is no recording, as the end of a sentence: `Square runs in JavaScript`. */
      readonly reason: string;
    };

/** A recorded step. */
export interface StepRecording {
  /**
   * What the step did, in order: a line for each operation, and for each value that came from JavaScript, with a hash of it. Two
   * steps with equal lines do the same; a step with random numbers made in JavaScript never has equal lines twice.
   */
  readonly trace: readonly string[];
  /**
   * Does the step again: as `run` would, with other inputs, on the present state. State that was assigned from outside
   * in the meantime (a checkpoint restored, averages swapped) is taken over; afterwards `state()` has the new values.
   *
   * @param inputs Values for each input, of its size, copied before this returns. A tensor stays the caller's.
   * @returns What `run` would: a fresh tensor, the caller's, so that several may be unread. `null`, with nothing done, where a
   *   tensor of `state()` shares its memory with another one that must not change (a clone that somebody keeps): `run` instead.
   * @throws Whatever the device throws. The state may then be anything between two steps: dispose the recording.
   */
  replay(inputs: readonly (Float32Array | tf.Tensor)[]): tf.Tensor | null;
  /** Gives back its memory. The tensors of `state()` keep their values and stay valid. */
  dispose(): void;
}
