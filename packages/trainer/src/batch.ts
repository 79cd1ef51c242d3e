import * as tf from '@tensorflow/tfjs';
import { TrainError } from './errors';

/** What one step learns from. */
export interface Batch {
  /**
   * `[n, height, width, channels]` as the model wants them. Plain numbers stay the source's and must not change until
   * the next batch is asked for; a tensor becomes the trainer's, which disposes it.
   */
  readonly images:
    | {
        /** One image after another, row by row, channels last. */
        readonly data: Float32Array;
        /** `[n, height, width, channels]`. */
        readonly shape: readonly [number, number, number, number];
      }
    | tf.Tensor;
  /** Class indices `[n]`, or probabilities `[n, classes]` for mixed images. */
  readonly labels:
    | Int32Array
    | {
        /** Probabilities of one image after another. */
        readonly data: Float32Array;
        /** `[n, classes]`. */
        readonly shape: readonly [number, number];
      };
  /** Its place in the epoch, from 0, where a source leaves places empty. The one after the batch before by default. */
  readonly index?: number;
  /** Where several processes train: what it is of the whole batch. Default: each process has as many images. */
  readonly part?: BatchPart;
}

/** What one process's batch is of the whole batch. */
export interface BatchPart {
  /** Images that count: all of the batch; 0 where the whole one has fewer images than there are processes, and the one image here stands in for none. */
  readonly images: number;
  /** Images of the whole batch. */
  readonly of: number;
}

/** Labels as they may be given: class indices `[n]` in any array or tensor, or probabilities `[n, classes]`. A tensor becomes the trainer's. */
export type LabelsLike =
  | Batch['labels']
  | ArrayLike<number>
  | tf.Tensor
  | {
      /** Probabilities of one image after another. */
      readonly data: ArrayLike<number>;
      /** `[n, classes]`. */
      readonly shape: readonly [number, number];
    };

/** A batch as it may be given: a {@link Batch}, one with labels of another kind, or `{ xs, ys }` as `fitDataset` takes it. */
export type BatchLike =
  | {
      /** As {@link Batch} has them. */
      readonly images: Batch['images'];
      /** Class indices, or probabilities. */
      readonly labels: LabelsLike;
      /** As {@link Batch} has it. */
      readonly index?: number;
      /** As {@link Batch} has it. */
      readonly part?: BatchPart;
    }
  | {
      /** Images, `[n, height, width, channels]`; become the trainer's. */
      readonly xs: tf.Tensor;
      /** Labels; become the trainer's. */
      readonly ys: tf.Tensor;
    };

/** Batches to go through once, or anew each time: a generator, an array, a dataset of `tf.data`. */
export type Batches =
  | AsyncIterable<BatchLike>
  | Iterable<BatchLike>
  | {
      /** As a TensorFlow.js dataset has it. */
      iterator(): Promise<{
        /** The next batch. */
        next(): Promise<{
          /** Whether there was none any more. */
          done: boolean;
          /** The batch, unless done. */
          value: BatchLike;
        }>;
      }>;
    };

/** Batches of an epoch (from 0), starting with batch `firstBatch` (from 0), so that a run can resume inside an epoch. */
export type BatchSource = (epoch: number, firstBatch: number) => Batches;

/** A stretch of a batch, ready for the model. */
export interface Part {
  readonly size: number;
  /** A new tensor, the caller's. */
  images(): tf.Tensor;
  /** Probabilities `[size, classes]`, a new tensor, the caller's. */
  labels(): tf.Tensor;
}

/** Number of images that count. */
export const countOf = (batch: Batch): number => batch.part?.images ?? sizeOf(batch);

/** Number of images. */
export const sizeOf = (batch: Batch): number => batch.images.shape[0] ?? 0;

/** Frees the tensor of a batch, if it is one. */
export const disposeBatch = ({ images }: Batch): void => {
  if (images instanceof tf.Tensor) images.dispose();
};

/** Cuts a batch into parts of at most `size` images, as equal as can be: a last part of one image has no statistics. */
export function partsOf(batch: Batch, size: number, classes: number, changes: LabelChanges = {}): Part[] {
  const total = sizeOf(batch);
  const labels = probabilities(batch, classes, changes);
  const parts = Math.ceil(total / size);
  return Array.from({ length: parts }, (_, i) => {
    const start = Math.ceil((i * total) / parts);
    const length = Math.ceil(((i + 1) * total) / parts) - start;
    return {
      size: length,
      images: () => imagesOf(batch, start, length),
      labels: () => tf.tensor(labels.subarray(start * classes, (start + length) * classes), [length, classes]),
    };
  });
}

function imagesOf({ images }: Batch, start: number, length: number): tf.Tensor {
  if (images instanceof tf.Tensor) return images.slice(start, length);
  const [, ...image] = images.shape;
  const each = image.reduce((product, n) => product * n, 1);
  return tf.tensor(images.data.subarray(start * each, (start + length) * each), [length, ...image]);
}

/** What is done to labels before they are learned from. */
export interface LabelChanges {
  /** Part of the uniform distribution that each is mixed with. Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** What the probability of each class is multiplied by then. Default: nothing. */
  readonly classWeights?: readonly number[] | undefined;
}

/** The labels of a batch as probabilities `[n, classes]`, smoothed and weighted. */
export function probabilities(
  batch: Batch,
  classes: number,
  { labelSmoothing: smoothing = 0, classWeights }: LabelChanges = {},
): Float32Array {
  const { labels } = batch;
  const size = sizeOf(batch);
  const given = labels instanceof Int32Array ? oneHot(labels, classes) : labels.data;
  if (given.length !== size * classes) {
    const got = labels instanceof Int32Array ? `${labels.length} labels` : `labels of shape [${labels.shape}]`;
    throw new TrainError(
      `train: a batch of ${size} images for a model of ${classes} classes must have ${size} class indices or ` +
        `probabilities [${size}, ${classes}], got ${got}. Check the batch source.`,
    );
  }
  const smoothed = smoothing === 0 ? given : given.map((p) => p * (1 - smoothing) + smoothing / classes);
  return classWeights ? smoothed.map((p, i) => p * classWeights[i % classes]!) : smoothed;
}

function oneHot(labels: Int32Array, classes: number): Float32Array {
  const result = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => {
    if (label < 0 || label >= classes) {
      throw new TrainError(
        `train: a label must be a class index from 0 to ${classes - 1}, got ${label}. ` +
          'Give the model as many outputs as there are classes.',
      );
    }
    result[i * classes + label] = 1;
  });
  return result;
}
