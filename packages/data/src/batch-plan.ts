import type { ChannelStatistics, Random } from '@resnet/augment';
import type { BatchPart } from './batch';
import type { Dataset } from './dataset';
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
  readonly share?: BatchShare | undefined;
}

/** Which process of how many makes its part of each batch. */
export interface BatchShare {
  /** Number of the process, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
}

/** Keeps the stream that orders an epoch apart from those of its samples. */
const ORDER = -1;

/** A shuffle that reads few shards at a time, for disks and mounts that are slow at jumping. */
export interface BlockShuffle {
  /** Shards come in random order; images are shuffled within this many of them. More mix better. */
  readonly shards: number;
}

/** How the images of an epoch are chosen and ordered. */
export interface EpochOrder {
  readonly seed: number;
  readonly epoch: number;
  /** False: as the data lies. */
  readonly shuffle: boolean | BlockShuffle;
  /** Draws as many images of each class, so that some come several times and others not at all. */
  readonly balanced: boolean;
}

/** Places of an epoch's images in the data set, as many as it has. */
export function epochOrder(dataset: Dataset, { seed, epoch, shuffle: shuffled, balanced }: EpochOrder): Int32Array {
  const order = shared(Int32Array, dataset.length);
  const random = seededRandom(seed, epoch, ORDER);
  if (balanced) {
    order.set(balancedOrder(dataset, random));
    return order;
  }
  if (typeof shuffled === 'object' && dataset.shard) {
    order.set(blockOrder(dataset.length, (i) => dataset.shard!(i), shuffled.shards, random));
    return order;
  }
  for (let i = 0; i < order.length; i++) order[i] = i;
  return shuffled ? shuffle(order, random) : order;
}

function blockOrder(length: number, shardOf: (i: number) => number, atOnce: number, random: Random): Int32Array {
  const members = new Map<number, number[]>();
  for (let i = 0; i < length; i++) {
    const shard = members.get(shardOf(i));
    if (shard) shard.push(i);
    else members.set(shardOf(i), [i]);
  }
  const shards = shuffle([...members.keys()], random);
  const order = new Int32Array(length);
  let end = 0;
  for (let first = 0; first < shards.length; first += atOnce) {
    const start = end;
    for (const shard of shards.slice(first, first + atOnce)) for (const i of members.get(shard)!) order[end++] = i;
    shuffle(order.subarray(start, end), random);
  }
  return order;
}

/** Each class goes round in an order of its own, drawn anew after each round; whose turn it is at the remainder is drawn as well. */
function balancedOrder(dataset: Dataset, random: Random): Int32Array {
  const { length, classes } = dataset;
  const members: number[][] = classes.map(() => []);
  for (let i = 0; i < length; i++) members[dataset.label(i)]!.push(i);
  const present = members.filter((images) => images.length > 0);
  const turns = shuffle([...present.keys()], random);
  const order = new Int32Array(length);
  for (const [turn, own] of turns.entries()) {
    const images = present[own]!;
    for (let at = turn, drawn = 0; at < length; at += present.length, drawn++) {
      if (drawn % images.length === 0) shuffle(images, random);
      order[at] = images[drawn % images.length]!;
    }
  }
  return shuffle(order, random);
}

/** Where batch `k` lies in the order; the last one may be short. */
const wholeBatch = ({ order, batchSize }: BatchPlan, k: number): Int32Array =>
  order.subarray(k * batchSize, (k + 1) * batchSize);

/** The images of batch `k`, or of this process's part of it: its first image where there are fewer than processes and none is left. */
export function indicesOf(plan: BatchPlan, k: number): Int32Array {
  const whole = wholeBatch(plan, k);
  if (!plan.share) return whole;
  const [first, end] = bounds(whole.length, plan.share);
  return first < end ? whole.subarray(first, end) : whole.subarray(0, 1);
}

/** How much of batch `k` is this process's part; undefined where there is one process. */
export function partOf(plan: BatchPlan, k: number): BatchPart | undefined {
  if (!plan.share) return undefined;
  const of = wholeBatch(plan, k).length;
  const [first, end] = bounds(of, plan.share);
  return { images: end - first, of };
}

/** Parts follow each other, and their sizes differ by one at most. */
const bounds = (length: number, { rank, size }: BatchShare): [first: number, end: number] => [
  Math.floor((rank * length) / size),
  Math.floor(((rank + 1) * length) / size),
];
