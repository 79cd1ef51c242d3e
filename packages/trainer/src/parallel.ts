import type * as tf from '@tensorflow/tfjs';
import type { RecordingBackend } from './recording';

/**
 * The processes that train one model together, each on its part of every batch: `dataParallel` of `@resnet/distributed` makes it. Whatever is called here,
 * all processes call in the same order. Found by its shape; whoever makes one need not import this package.
 */
export interface Parallel {
  /** Number of this process, from 0; 0 decides. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** A step begins. Where this process's images do not count, since it has none of its own, what it adds counts as zero. */
  begin(counts: boolean): void;
  /** Begins to sum values over all processes; they must neither be read nor written before `finish`. */
  add(values: Float32Array): void;
  /** Blocks until all values hold their sums, the same bits in every process. */
  finish(): void;
  /** Sums a few numbers over all processes, in float64. */
  sum(values: readonly number[]): Promise<number[]>;
  /** Copies process 0's values to all, in place. */
  broadcast(values: Float32Array): Promise<void>;
}

/** Takes the gradients of one step to their sums over all processes. */
export interface GradientSums {
  /** A gradient is complete; the backward pass goes on. It stays the caller's. */
  ready(gradient: tf.Tensor): void;
  /** All gradients and `measured` are there; those that `ready` did not hear of are added now. */
  finish(gradients: readonly tf.Tensor[], measured: tf.Tensor): Summed | Promise<Summed>;
}

/** Sums over all processes, in place of what was given; the caller's. */
export interface Summed {
  readonly gradients: tf.Tensor[];
  readonly measured: tf.Tensor;
}

/** How many gradients later one is asked for its values: some backends compute it together with the next layer's. */
const LAG = 4;

/** Sums in the memory of a backend that lets JavaScript work there, also while a step is recorded. */
export function sumsInPlace(
  { add, finish }: Parallel,
  workInPlace: NonNullable<RecordingBackend['workInPlace']>,
): Omit<GradientSums, 'finish'> & { finish(...all: Parameters<GradientSums['finish']>): void } {
  const heard = new Set<tf.Tensor>();
  const waiting: tf.Tensor[] = [];
  const send = (tensors: readonly tf.Tensor[]) => {
    if (tensors.length > 0) workInPlace(tensors, (values) => values.forEach(add));
  };
  return {
    ready: (gradient) => {
      heard.add(gradient);
      waiting.push(gradient);
      if (waiting.length > LAG) send(waiting.splice(0, 1));
    },
    finish: (gradients, measured) => {
      send([...waiting.splice(0), ...gradients.filter((gradient) => !heard.has(gradient)), measured]);
      heard.clear();
      workInPlace([], finish);
    },
  };
}

/**
 * Sums copies of the values. Where values are at hand, their sum begins at once; where a device computes behind, their way to the host does, and
 * the sum when they arrive.
 */
export function sumsOfCopies({ add, finish }: Parallel, behind: boolean, tensorOf: TensorOf): GradientSums {
  const copies = new Map<tf.Tensor, Float32Array | Promise<Float32Array>>();
  const copy = (tensor: tf.Tensor) => {
    const values = behind ? tensor.data().then((data) => (data as Float32Array).slice()) : valuesOf(tensor);
    copies.set(tensor, values);
    if (values instanceof Float32Array) add(values);
  };
  return {
    ready: copy,
    finish: async (gradients, measured) => {
      for (const tensor of [...gradients, measured]) if (!copies.has(tensor)) copy(tensor);
      const arrived = new Map<tf.Tensor, Float32Array>();
      for (const [tensor, values] of copies) {
        arrived.set(tensor, await values);
        if (!(values instanceof Float32Array)) add(arrived.get(tensor)!);
      }
      copies.clear();
      finish();
      const summed = (tensor: tf.Tensor) => tensorOf(arrived.get(tensor)!, tensor.shape);
      return { gradients: gradients.map(summed), measured: summed(measured) };
    },
  };
}

type TensorOf = (values: Float32Array, shape: number[]) => tf.Tensor;

const valuesOf = (tensor: tf.Tensor): Float32Array => Float32Array.from(tensor.dataSync());
