import * as tf from '@tensorflow/tfjs';
import type { RecordableStep, RecordingBackend, StepRecord, StepRecording } from './recording';

/** A new tensor of these values, or one that the batch brought. */
export type StepInput = { readonly values: Float32Array; readonly shape: readonly number[] } | tf.Tensor;

/** What became of the steps on batches of one shape. */
export type RecordingReport =
  | {
      /** Shape of the batch of images. */
      readonly images: readonly number[];
      /** How many operations are replayed. */
      readonly operations: number;
    }
  | {
      /** Shape of the batch of images. */
      readonly images: readonly number[];
      /** Why TensorFlow.js runs every step, as the end of a sentence. */
      readonly reason: string;
    };

/** Takes steps by the plan of each batch shape. */
export interface Plan {
  /**
   * One step; the result is the caller's.
   *
   * @param total What losses are divided by: a number of the recording.
   */
  step(inputs: readonly StepInput[], total: number): tf.Tensor;
  /** Frees all recordings. */
  dispose(): void;
}

/** How far the steps on one shape are. */
type Stage =
  | { readonly kind: 'new' }
  | { readonly kind: 'warm' }
  | { readonly kind: 'rehearsed'; readonly trace: readonly string[] }
  | { readonly kind: 'recorded'; readonly recording: StepRecording }
  | { readonly kind: 'eager' };

/** Recordings that live at once: of whole batches, and of a smaller last one. */
const MOST = 2;

/**
 * The first step on a shape runs as ever: tensors that outlive steps are made in it. The second and third are noted. If they did the same, with the same
 * numbers from JavaScript, the third is replayed from then on.
 */
export function planRecordings(
  stepOn: (inputs: readonly tf.Tensor[], total: number) => RecordableStep,
  report: (report: RecordingReport) => void,
): Plan {
  // The oldest first.
  const stages = new Map<string, Stage>();
  let backend: tf.KernelBackend | undefined;

  const dispose = () => {
    for (const stage of stages.values()) if (stage.kind === 'recorded') stage.recording.dispose();
    stages.clear();
  };

  const enter = (key: string, stage: Stage) => {
    stages.delete(key);
    stages.set(key, stage);
    const recorded = [...stages].filter(([, { kind }]) => kind === 'recorded');
    for (const [old, { recording }] of recorded.slice(0, -MOST) as [string, { recording: StepRecording }][]) {
      recording.dispose();
      stages.set(old, { kind: 'warm' });
    }
  };

  const eagerly = (inputs: readonly StepInput[], total: number) =>
    withTensors(inputs, (tensors) => stepOn(tensors, total).run());

  const step = (inputs: readonly StepInput[], total: number): tf.Tensor => {
    const images = inputs[0]!.shape;
    const key = [...images, total].join();
    const stage = stages.get(key) ?? { kind: 'new' };
    switch (stage.kind) {
      case 'new':
        enter(key, { kind: 'warm' });
        return eagerly(inputs, total);
      case 'eager':
        return eagerly(inputs, total);
      case 'recorded': {
        const values = inputs.map((input) => (input instanceof tf.Tensor ? input : input.values));
        return stage.recording.replay(values) ?? eagerly(inputs, total);
      }
      case 'warm':
      case 'rehearsed': {
        const { output, ...record } = withTensors(inputs, (tensors) => noteStep(stepOn(tensors, total)));
        const next = judge(record, stage.kind === 'rehearsed' ? stage.trace : undefined);
        enter(key, next.stage);
        if (next.stage.kind === 'recorded') report({ images, operations: next.stage.recording.trace.length });
        if (next.reason) report({ images, reason: next.reason });
        return output;
      }
    }
  };

  return {
    step: (inputs, total) => {
      if (backend !== tf.backend()) dispose();
      backend = tf.backend();
      try {
        return step(inputs, total);
      } catch (error) {
        dispose();
        throw error;
      }
    },
    dispose,
  };
}

/** What follows a noted step: it is a rehearsal without a `trace` to compare with. */
function judge(record: NotedStep, trace: readonly string[] | undefined): { stage: Stage; reason?: string } {
  if ('reason' in record) return { stage: { kind: 'eager' }, reason: record.reason };
  const { recording } = record;
  if (!trace) {
    recording.dispose();
    return { stage: { kind: 'rehearsed', trace: recording.trace } };
  }
  const reason = difference(trace, recording.trace);
  if (reason === undefined) return { stage: { kind: 'recorded', recording } };
  recording.dispose();
  return { stage: { kind: 'eager' }, reason };
}

function difference(before: readonly string[], after: readonly string[]): string | undefined {
  const at = Array.from({ length: Math.max(before.length, after.length) }, (_, i) => i).find(
    (i) => before[i] !== after[i],
  );
  if (at === undefined) return undefined;
  return `two steps differ: ${after[at] ?? 'nothing'} after ${before[at] ?? 'nothing'}`;
}

type NotedStep = Omit<Extract<StepRecord, { recording: unknown }>, 'output'> | { readonly reason: string };

/** Records a step, unless it drew random numbers: two such steps may do the same by chance, a residual branch kept in both, say. */
function noteStep(step: RecordableStep): StepRecord {
  const { random } = Math;
  let drawn = false;
  Math.random = () => {
    drawn = true;
    return random();
  };
  try {
    const record = (tf.backend() as unknown as RecordingBackend).recordStep(step);
    if (!drawn) return record;
    if ('recording' in record) record.recording.dispose();
    return { output: record.output, reason: 'the model draws random numbers in JavaScript (dropout, say)' };
  } finally {
    Math.random = random;
  }
}

/** Runs `f` on tensors of the inputs; those that were made for it are disposed. */
function withTensors<T>(inputs: readonly StepInput[], f: (tensors: readonly tf.Tensor[]) => T): T {
  const tensors = inputs.map((input) =>
    input instanceof tf.Tensor ? input : tf.tensor(input.values, [...input.shape]),
  );
  try {
    return f(tensors);
  } finally {
    tf.dispose(tensors.filter((tensor, i) => tensor !== inputs[i]));
  }
}
