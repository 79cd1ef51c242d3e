import * as tf from '@tensorflow/tfjs';
import type { Batch, Batches, BatchLike, LabelsLike } from './batch';
import { TrainError } from './errors';

/** Batches of a source in the one form that the trainer works with, each checked against the model's input. */
export async function* acceptBatches(batches: Batches, model: tf.LayersModel): AsyncGenerator<Batch> {
  for await (const batch of iterate(batches)) {
    try {
      yield await acceptBatch(batch, model);
    } catch (error) {
      disposeTensors(batch);
      throw error;
    }
  }
}

function iterate(batches: Batches): AsyncIterable<BatchLike> | Iterable<BatchLike> {
  if (typeof batches === 'object' && batches !== null) {
    if (Symbol.asyncIterator in batches || Symbol.iterator in batches) return batches;
    if ('iterator' in batches && typeof batches.iterator === 'function') return elements(batches);
  }
  throw new TrainError(
    `train: batches must be something to iterate over, or a function that returns that, got ${nameOf(batches)}. Use an async generator (epoch, firstBatch) => ….`,
  );
}

/** The elements of a TensorFlow.js dataset. */
async function* elements(dataset: Extract<Batches, { iterator(): unknown }>): AsyncGenerator<BatchLike> {
  const iterator = await dataset.iterator();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

/**
 * Takes what is plainly meant: `{ images, labels }` or, as `fitDataset` has it, `{ xs, ys }`; labels as class indices in any
 * array or tensor, or as probabilities.
 *
 * @throws TrainError for anything else, and for images of another shape than the model takes.
 */
async function acceptBatch(batch: BatchLike, model: tf.LayersModel): Promise<Batch> {
  const { images, labels, index, part } = partsOf(batch);
  checkImages(images, model);
  return { images, labels: await acceptLabels(labels), ...(index !== undefined && { index }), ...(part && { part }) };
}

function partsOf(batch: BatchLike): Omit<Batch, 'labels'> & { labels: LabelsLike } {
  if (typeof batch === 'object' && batch !== null) {
    if ('images' in batch && 'labels' in batch) return batch;
    if ('xs' in batch && 'ys' in batch) return { images: batch.xs, labels: batch.ys };
  }
  throw new TrainError(`train: a batch must be { images, labels }, got ${nameOf(batch)}. Check the batch source.`);
}

function checkImages(images: Batch['images'], model: tf.LayersModel): void {
  const wanted = model.inputs[0]!.shape.slice(1);
  const shape: unknown = images?.shape;
  if (!Array.isArray(shape)) throw wrongImages(wanted, nameOf(images));
  const [count, ...image] = shape as number[];
  const fits = image.length === wanted.length && image.every((size, i) => wanted[i] === null || wanted[i] === size);
  if (!Number.isInteger(count) || count! < 0 || !fits) throw wrongImages(wanted, `[${shape}]`);
  if (images instanceof tf.Tensor) return;
  const numbers = tf.util.sizeFromShape(shape);
  if (images.data?.length !== numbers) {
    throw wrongImages(wanted, `[${shape}] with ${images.data?.length ?? 'no'} numbers in place of ${numbers}`);
  }
}

const wrongImages = (wanted: readonly (number | null)[], got: string): TrainError =>
  new TrainError(
    `train: images must have the shape [n, ${wanted.map((size) => size ?? 'any').join(', ')}] of the model's input, got ${got}. Resize them, or make the model for them.`,
  );

async function acceptLabels(labels: LabelsLike): Promise<Batch['labels']> {
  if (labels instanceof tf.Tensor) return labelsOfTensor(labels);
  if (isNumbers(labels)) return classIndices(labels);
  if (isNumbers(labels?.data) && Array.isArray(labels.shape) && labels.shape.length === 2) {
    return probabilities(labels.data, labels.shape);
  }
  throw new TrainError(
    `train: labels must be class indices [n] or probabilities [n, classes], got ${nameOf(labels)}. Use an Int32Array, say.`,
  );
}

/** The tensor is the trainer's, as images are. */
async function labelsOfTensor(labels: tf.Tensor): Promise<Batch['labels']> {
  try {
    const [count, classes] = labels.shape;
    if (labels.rank === 1) return classIndices(await labels.data());
    if (labels.rank === 2) return probabilities(await labels.data(), [count!, classes!]);
  } finally {
    labels.dispose();
  }
  throw new TrainError(
    `train: labels must be class indices [n] or probabilities [n, classes], got a tensor [${labels.shape}]. Squeeze or one-hot it.`,
  );
}

const isNumbers = (value: unknown): value is ArrayLike<number> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

function classIndices(values: ArrayLike<number>): Int32Array {
  if (values instanceof Int32Array) return values;
  const wrong = Array.from(values).find((value) => !Number.isInteger(value));
  if (wrong === undefined) return Int32Array.from(values);
  throw new TrainError(
    `train: a label must be a whole number, the index of a class, got ${wrong}. Give probabilities as { data, shape: [n, classes] }.`,
  );
}

function probabilities(values: ArrayLike<number>, shape: readonly [number, number]): Batch['labels'] {
  const data = values instanceof Float32Array ? values : Float32Array.from(values);
  const wrong = data.find((value) => !(value >= 0 && value <= 1 + 1e-3));
  if (wrong === undefined) return { data, shape };
  throw new TrainError(
    `train: a label's probabilities must be from 0 to 1, got ${wrong}. Check the batch source, its mixing and its smoothing.`,
  );
}

/** Frees the tensors of a batch that was refused. */
function disposeTensors(batch: BatchLike): void {
  const tensors = Object.values(batch ?? {}).filter((value) => value instanceof tf.Tensor);
  tf.dispose(tensors);
}

/** What a value is, for messages. */
function nameOf(value: unknown): string {
  if (value === null || typeof value !== 'object') return typeof value === 'string' ? `'${value}'` : String(value);
  if (value instanceof tf.Tensor) return `a tensor [${value.shape}]`;
  const keys = Object.keys(value).slice(0, 5);
  return `${value.constructor?.name ?? 'an object'}${keys.length > 0 ? ` with ${keys.join(', ')}` : ''}`;
}
