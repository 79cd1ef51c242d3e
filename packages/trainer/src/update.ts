import * as tf from '@tensorflow/tfjs';
import { type Batch, countOf, type Part, partsOf, probabilities, sizeOf } from './batch';
import { clipByGlobalNorm } from './clip';
import { TrainError } from './errors';
import { type Gradients, gradientsOf } from './gradients';
import type { RecordableUpdate } from './optimizers/optimizer';
import { type Parallel, sumsInPlace, sumsOfCopies } from './parallel';
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
function whyNot({ record = true, reduceGradients, parallel, microBatch, optimizer }: TrainOptions): string | undefined {
  if (!record) return 'record is false';
  if (reduceGradients) return 'reduceGradients runs between gradients and update';
  if (microBatch !== undefined) return 'microBatch cuts its batches';
  if (!optimizer.recordable) return noNumbers;
  if (!backend().recordStep) return `the ${tf.getBackend()} backend does not record`;
  if (parallel && !backend().workInPlace)
    return `the ${tf.getBackend()} backend cannot sum gradients in a recorded step`;
  return undefined;
}

const backend = (): Partial<RecordingBackend> => tf.backend() as Partial<RecordingBackend>;

const inPlace: NonNullable<RecordingBackend['workInPlace']> = (tensors, work) => backend().workInPlace?.(tensors, work);

function once<T>(f: (value: T) => void): (value: T) => void {
  let done = false;
  return (value) => {
    if (!done) f(value);
    done = true;
  };
}

function recordedUpdates(options: TrainOptions, session: Session, recordable: RecordableUpdate): Updates {
  const { model, optimizer, parallel } = options;
  const classes = classesOf(model);
  const variables = variablesOf(session);
  const state = () => [
    ...session.weights.map(({ variable }) => variable),
    ...Object.values(optimizer.state().slots).flat(),
    ...(session.average?.tensors() ?? []),
  ];
  const sums = parallel && sumsInPlace(parallel, inPlace);
  const stepOn = (inputs: readonly tf.Tensor[], total: number): RecordableStep => ({
    inputs,
    state,
    run: () => {
      const [images, labels, ...numbers] = inputs as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
      const part = { size: images.shape[0]!, images: () => images.clone(), labels: () => labels.clone() };
      const how = { total, ...(sums && { onGradient: sums.ready }) };
      const { measured, gradients } = gradientsOf(model, variables, [part], how);
      sums?.finish(gradients, measured);
      return finished(measured, gradients, () => {
        tf.tidy(() => recordable.apply(variables, clipped(options, gradients), numbers));
        session.average?.update();
      });
    },
  });
  const plan: Plan = planRecordings(stepOn, (report) => options.onRecording?.(report));
  return {
    update: async (batch, rate) => {
      const { images } = batch;
      const labels = probabilities(batch, classes, options);
      const size = images.shape[0]!;
      const inputs = [
        images instanceof tf.Tensor ? images : { values: images.data, shape: images.shape },
        { values: labels, shape: [size, classes] },
        ...recordable.numbers(rate).map((value) => ({ values: Float32Array.of(value), shape: [] })),
      ];
      parallel?.begin(countOf(batch) > 0);
      return plan.step(inputs, totalOf(batch, parallel));
    },
    dispose: plan.dispose,
  };
}

async function stepByStep(options: TrainOptions, session: Session, batch: Batch, rate: number): Promise<tf.Tensor> {
  const { optimizer, reduceGradients } = options;
  const variables = variablesOf(session);
  const { measured, gradients } = await summedGradients(options, variables, batch);
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

/** Gradients of a batch, over all processes where there are several. */
async function summedGradients(options: TrainOptions, variables: tf.Variable[], batch: Batch): Promise<Gradients> {
  const { model, parallel, microBatch = sizeOf(batch) } = options;
  const parts: Part[] = partsOf(batch, microBatch, classesOf(model), options);
  const total = totalOf(batch, parallel);
  if (!parallel) return gradientsOf(model, variables, parts, { total });
  parallel.begin(countOf(batch) > 0);
  if (backend().workInPlace) {
    const sums = sumsInPlace(parallel, inPlace);
    const own = gradientsOf(model, variables, parts, { total, onGradient: sums.ready });
    try {
      sums.finish(own.gradients, own.measured);
      return own;
    } catch (error) {
      tf.dispose([own.measured, ...own.gradients]);
      throw error;
    }
  }
  const sums = sumsOfCopies(parallel, ['webgl', 'webgpu'].includes(tf.getBackend()), (values, shape) =>
    tf.tensor(values, shape),
  );
  const own = gradientsOf(model, variables, parts, { total, onGradient: sums.ready });
  try {
    return await sums.finish(own.gradients, own.measured);
  } finally {
    tf.dispose([own.measured, ...own.gradients]);
  }
}

/** What losses are divided by, so that sums over all processes are means over the whole batch. */
const totalOf = (batch: Batch, parallel: Parallel | null | undefined): number =>
  parallel ? (batch.part?.of ?? sizeOf(batch) * parallel.size) : sizeOf(batch);

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
