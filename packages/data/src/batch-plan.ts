import type { ChannelStatistics } from '@resnet/augment';
import { seededRandom, shuffle } from './random';
import { shared } from './shared-memory';

/** All that the content of an epoch's batches depends on, beside the images; plain data, so that workers get it. */
export interface BatchPlan {
  /** Which image comes when; on a SharedArrayBuffer. */
  readonly order: Int32Array;
  readonly batchSize: number;
  readonly seed: number;
  readonly epoch: number;
  readonly normalize?: ChannelStatistics | undefined;
}

/** Keeps the stream that orders an epoch apart from those of its samples. */
const ORDER = -1;

/** The order of an epoch: as the data lies, or shuffled by (seed, epoch). */
export function epochOrder(length: number, seed: number, epoch: number, shuffled: boolean): Int32Array {
  const order = shared(Int32Array, length);
  for (let i = 0; i < length; i++) order[i] = i;
  return shuffled ? shuffle(order, seededRandom(seed, epoch, ORDER)) : order;
}

/** Where batch `k` lies in the order; the last one may be short. */
export const indicesOf = ({ order, batchSize }: BatchPlan, k: number): Int32Array =>
  order.subarray(k * batchSize, (k + 1) * batchSize);
