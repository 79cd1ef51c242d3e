import * as tf from '@tensorflow/tfjs';
import { type Batch, type Part, partsOf, probabilities, sizeOf } from './batch';
import { clipByGlobalNorm } from './clip';
import { TrainError } from './errors';
import { gradientsOf } from './gradients';
import type { RecordableUpdate } from './optimizers/optimizer';
import type { RecordableStep, RecordingBackend } from './recording';
import { type Plan, planRecordings } from './recordings';
import type { Session } from './session';
import type { TrainOptions } from './train-options';

/** Takes the steps of a run. */
export interface Updates {
  /**
   * One iteration: forward, backward, update.
   *
   * @returns `[loss, error]` of the batch before the update, still on the device; the caller's.
   */
  update(batch: Batch, rate: number): Promise<tf.Tensor>;
  /** Frees recorded steps. */
  dispose(): void;
}

/** Steps of a session: replayed where the backend and everything in them can be recorded, operation by operation elsewhere. */
export function updates(options: TrainOptions, session: Session): Updates {
  const { recordable } = options.optimizer;
  const reason = whyNot(options);
  if (reason !== undefined || !recordable) {
    const report = once((images: readonly number[]) => options.onRecording?.({ images, reason: reason ?? noNumbers }));
    return {
      update: async (batch, rate) => {
        report(batch.images.shape);
        return stepByStep(options, session, batch, rate);
      },
      dispose: () => {},
    };
  }
  return recordedUpdates(options, session, recordable);
}

const noNumbers = 'its optimizer does not say which of its numbers change (Optimizer.recordable)';

/** Why steps cannot be recorded whatever the backend can, as the end of a sentence. */
function whyNot({ record = true, reduceGradients, microBatch, optimizer }: TrainOptions): string | undefined {
  if (!record) return 'record is false';
  if (reduceGradients) return 'reduceGradients runs between gradients and update';
  if (microBatch !== undefined) return 'microBatch cuts its batches';
  if (!optimizer.recordable) return noNumbers;
  if (!(tf.backend() as Partial<RecordingBackend>).recordStep) return `the ${tf.getBackend()} backend does not record`;
  return undefined;
}

function once<T>(f: (value: T) => void): (value: T) => void {
  let done = false;
  return (value) => {
    if (!done) f(value);
    done = true;
  };
}

function recordedUpdates(options: TrainOptions, session: Session, recordable: RecordableUpdate): Updates {
  const { model, optimizer } = options;
  const classes = classesOf(model);
  const variables = variablesOf(session);
  const state = () => [
    ...session.weights.map(({ variable }) => variable),
    ...Object.values(optimizer.state().slots).flat(),
    ...(session.average?.tensors() ?? []),
  ];
  const stepOn = (inputs: readonly tf.Tensor[]): RecordableStep => ({
    inputs,
    state,
    run: () => {
      const [images, labels, ...numbers] = inputs as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
      const part = { size: images.shape[0]!, images: () => images.clone(), labels: () => labels.clone() };
      const { measured, gradients } = gradientsOf(model, variables, [part]);
      return finished(measured, gradients, () => {
        tf.tidy(() => recordable.apply(variables, clipped(options, gradients), numbers));
        session.average?.update();
      });
    },
  });
  const plan: Plan = planRecordings(stepOn, (report) => options.onRecording?.(report));
  return {
    update: async ({ images, ...batch }, rate) => {
      const labels = probabilities({ images, ...batch }, classes, options);
      const size = images.shape[0]!;
      return plan.step([
        images instanceof tf.Tensor ? images : { values: images.data, shape: images.shape },
        { values: labels, shape: [size, classes] },
        ...recordable.numbers(rate).map((value) => ({ values: Float32Array.of(value), shape: [] })),
      ]);
    },
    dispose: plan.dispose,
  };
}

async function stepByStep(options: TrainOptions, session: Session, batch: Batch, rate: number): Promise<tf.Tensor> {
  const { model, optimizer, reduceGradients, microBatch = sizeOf(batch) } = options;
  const variables = variablesOf(session);
  const parts: Part[] = partsOf(batch, microBatch, classesOf(model), options);
  const { measured, gradients } = gradientsOf(model, variables, parts);
  let reduced = gradients;
  try {
    if (reduceGradients) reduced = await reduceGradients(gradients);
    return finished(measured, reduced, () => {
      tf.tidy(() => optimizer.apply(variables, clipped(options, reduced), rate));
      session.average?.update();
    });
  } catch (error) {
    measured.dispose();
    throw error;
  } finally {
    tf.dispose([gradients, reduced]);
  }
}

/** `measured` once `update` is done; frees the gradients, and `measured` where `update` throws. */
function finished(measured: tf.Tensor, gradients: readonly tf.Tensor[], update: () => void): tf.Tensor {
  try {
    update();
    return measured;
  } catch (error) {
    measured.dispose();
    throw error;
  } finally {
    tf.dispose([...gradients]);
  }
}

const clipped = ({ clipNorm }: TrainOptions, gradients: readonly tf.Tensor[]): readonly tf.Tensor[] =>
  clipNorm ? clipByGlobalNorm(gradients, clipNorm) : gradients;

const variablesOf = (session: Session): tf.Variable[] => session.trainable.map(({ variable }) => variable);

function classesOf(model: tf.LayersModel): number {
  const classes = model.outputs[0]?.shape[1];
  if (model.outputs.length === 1 && typeof classes === 'number') return classes;
  throw new TrainError(
    `train: the model must have one output of shape [batch, classes], got [${model.outputs[0]?.shape}]. End it with a head.`,
  );
}
