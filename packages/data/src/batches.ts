import type { ChannelStatistics } from '@resnet/augment';
import { type AugmentRecipe, isPortable, resolveAugment } from './augment-recipe';
import type { Batch, MadeBatch } from './batch';
import { type BatchPlan, type BatchShare, type BlockShuffle, epochOrder, partOf } from './batch-plan';
import type { Dataset } from './dataset';
import { warnOfFewDecodingThreads } from './decoding-threads';
import { BrokenImageError } from './errors';
import { errorOf } from './failure';
import { inOrder } from './in-order';
import { batchMaker } from './make-batch';

import type { WorkerResult } from './worker-batch';
import { workerPool } from './worker-pool';

/** How an epoch is batched. Content depends on the data set, `seed`, `epoch`, `batchSize`, `shuffle`, `balanced`, `augment` and `normalize` alone. */
export interface BatchOptions {
  /** Images a batch; the paper's CIFAR runs take 128, its ImageNet runs 256. */
  readonly batchSize: number;
  /** Default 0. */
  readonly seed?: number;
  /** Default 0. Each epoch has its own order and its own augmentation. */
  readonly epoch?: number;
  /** The first batch to make, for resuming inside an epoch. Default 0. */
  readonly firstBatch?: number;
  /** Default true. */
  readonly shuffle?: boolean | BlockShuffle;
  /**
   * Draws as many images of each class in every epoch, in random order: of a small class some come several times, of a large one some do
   * not come. An epoch stays as long. Default false.
   */
  readonly balanced?: boolean;
  /** Leaves out a short last batch. Default false. */
  readonly drop?: boolean;
  /** Changes each image before it is normalized; with `workers` a name or a module. Default: none. */
  readonly augment?: AugmentRecipe;
  /**
   * `(value − mean) / std` for values in [0, 1], one number a channel or, for the paper's per-pixel mean, one a pixel and channel.
   * `statistics(dataset)` computes both. What augmentation pads is 0 afterwards (§4.2). Without it values stay in [0, 1].
   */
  readonly normalize?: ChannelStatistics;
  /**
   * Makes one process's part of each batch, for training with several: parts follow each other, so that all together are the whole batch, byte for
   * byte, and `part` says how much of it each is. Default: the whole.
   */
  readonly share?: BatchShare;
  /** Threads that make batches. Default 0: made on this one, when asked for. */
  readonly workers?: number;
  /** Batches under way beyond the one in use. Default 2 a worker; 1 without workers, where images have to be decoded. */
  readonly prefetch?: number;
  /**
   * `stop` (default) fails with the image's BrokenImageError; `skip` makes its batch smaller, so that the others keep their content;
   * a function skips and is called with the error.
   */
  readonly onBrokenImage?: 'stop' | 'skip' | ((error: BrokenImageError) => void);
}

/** The batches of one epoch. Each iteration makes them anew; leaving it early stops its workers. */
export interface Batches extends AsyncIterable<Batch> {
  /** How many batches an iteration yields, if no image is broken. */
  readonly length: number;
}

/**
 * One epoch of a data set as batches. Nothing runs until it is iterated, and never more than `prefetch` batches ahead.
 *
 * @throws RangeError or TypeError for options that cannot work; while iterating, BrokenImageError and DataError.
 */
export function batches(dataset: Dataset, options: BatchOptions): Batches {
  const { batchSize, drop = false, firstBatch = 0 } = options;
  checkOptions(dataset, options);
  const end = drop ? Math.floor(dataset.length / batchSize) : Math.ceil(dataset.length / batchSize);
  return {
    length: Math.max(0, end - firstBatch),
    [Symbol.asyncIterator]: () => iterate(dataset, options, firstBatch, end),
  };
}

async function* iterate(
  dataset: Dataset,
  options: BatchOptions,
  first: number,
  end: number,
): AsyncGenerator<Batch, void, undefined> {
  const { onBrokenImage = 'stop', workers = 0 } = options;
  const plan = planOf(dataset, options);
  const producer =
    workers > 0 ? workerProducer(dataset, plan, options, workers) : await localProducer(dataset, plan, options);
  try {
    let index = first;
    for await (const { batch, broken } of inOrder(producer.make, first, end, producer.ahead)) {
      for (const { file, reason } of broken) report(onBrokenImage, new BrokenImageError(file, reason));
      const part = partOf(plan, index);
      if (batch) yield { ...batch, index, ...(part && { part }) };
      index += 1;
    }
  } finally {
    await producer.close();
  }
}

/** Does with a broken image as the option says. */
export function report(onBrokenImage: BatchOptions['onBrokenImage'], error: BrokenImageError): void {
  if (onBrokenImage === 'stop') throw error;
  if (typeof onBrokenImage === 'function') onBrokenImage(error);
}

function planOf(
  dataset: Dataset,
  { batchSize, seed = 0, epoch = 0, shuffle = true, balanced = false, normalize, share }: BatchOptions,
): BatchPlan {
  return {
    order: epochOrder(dataset, { seed, epoch, shuffle, balanced }),
    batchSize,
    seed,
    epoch,
    normalize,
    share,
  };
}

interface Producer {
  readonly make: (k: number) => MadeBatch | Promise<MadeBatch>;
  /** How many batches to have under way while one is in use. */
  readonly ahead: number;
  close(): Promise<void>;
}

async function localProducer(
  dataset: Dataset,
  plan: BatchPlan,
  { augment, prefetch }: BatchOptions,
): Promise<Producer> {
  const make = batchMaker(dataset, plan, augment === undefined ? null : await resolveAugment(augment));
  // Made at once, a batch cannot be under way.
  return { make, ahead: dataset.readSync ? 0 : (prefetch ?? 1), close: async () => {} };
}

function workerProducer(
  dataset: Dataset,
  plan: BatchPlan,
  { augment, prefetch }: BatchOptions,
  workers: number,
): Producer {
  if (!dataset.readSync) warnOfFewDecodingThreads(workers);
  const pool = workerPool<number, WorkerResult>('makeBatch', workers, { dataset: dataset.describe?.(), plan, augment });
  const make = async (k: number) => {
    const made = await pool.run(k);
    if ('failure' in made) throw errorOf(made.failure);
    return made;
  };
  return { make, ahead: prefetch ?? 2 * workers, close: pool.close };
}

function checkOptions(dataset: Dataset, options: BatchOptions): void {
  const { batchSize, seed = 0, epoch = 0, firstBatch = 0, workers = 0, prefetch = 0, augment } = options;
  const whole = { seed, epoch, firstBatch, workers, prefetch };
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new RangeError(`batches: batchSize must be at least 1, got ${batchSize}.`);
  for (const [name, value] of Object.entries(whole)) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`batches: ${name} must be an integer from 0, got ${value}.`);
  }
  if (options.balanced && options.shuffle !== undefined && options.shuffle !== true) {
    throw new TypeError(
      'batches: balanced must go with shuffle true, since it draws an order of its own. Leave shuffle out.',
    );
  }
  checkShare(options);
  if (typeof options.shuffle === 'object') {
    const { shards } = options.shuffle;
    if (!Number.isInteger(shards) || shards < 1)
      throw new RangeError(`batches: shuffle.shards must be an integer from 1, got ${shards}.`);
    if (!dataset.shard) throw new TypeError('batches: shuffle must be true or false for a data set without shards.');
  }
  if (workers > 0 && !dataset.describe) {
    throw new TypeError(
      'batches: workers must be 0 for a data set without describe(). Implement it or make batches on this thread.',
    );
  }
  if (workers > 0 && augment !== undefined && !isPortable(augment)) {
    throw new TypeError(
      "batches: augment must be a recipe's name or { module, export, options } with workers, got a function, which cannot be sent to them.",
    );
  }
}

function checkShare({ share, onBrokenImage = 'stop' }: BatchOptions): void {
  if (!share) return;
  const { rank, size } = share;
  if (!(Number.isInteger(rank) && Number.isInteger(size) && rank >= 0 && rank < size)) {
    throw new RangeError(`batches: share must be a rank from 0 below its size, got ${rank} of ${size}.`);
  }
  if (onBrokenImage !== 'stop') {
    throw new TypeError(
      "batches: onBrokenImage must be 'stop' with a share, got another: parts whose images are left out have no known weight. Repair or remove the images.",
    );
  }
}
