import { createHash, hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock, makeFolder, parseJson, readText, sweepAbandoned, writeDurably } from '@resnet/files';
import { Header } from 'tar';
import { DIGEST } from './archive-images';
import type { Dataset, EncodedImage } from './dataset';
import { DataError } from './errors';
import { FORMAT_NAMES, formatOf } from './image-formats';
import { seededRandom, shuffle } from './random';
import { readIndex, type ShardIndex, writeIndex } from './shard-index';
import { BLOCK } from './tar-members';

/** What a folder of shards is. It is written first, so that an interrupted writing goes on with the same shards. */
export interface ShardPlan {
  /** Of this file. */
  readonly version: 1;
  /** Names of the classes, by label. */
  readonly classes: readonly string[];
  /** Decided which image lies in which shard. */
  readonly seed: number;
  /** Images of every shard but the last of a split. */
  readonly imagesPerShard: number;
  /** By the names of the splits. */
  readonly splits: Readonly<Record<string, ShardedSplit>>;
}

/** A split that is written as shards. */
export interface ShardedSplit {
  /** How many there are. */
  readonly images: number;
  /** What the images are, as their data set names it. */
  readonly fingerprint: string;
}

/** How shards are written. */
export interface ShardOptions {
  /** Default 10,000: about 1 GB of ImageNet's photos. */
  readonly imagesPerShard?: number;
  /** Decides which image lies in which shard, so that reading in order is a shuffle already. Default 0. */
  readonly seed?: number;
  /** Called after each shard. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Stops before the next shard; what is written stays, and the next call goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** The file that a folder of shards is known by. */
export const PLAN = 'shards.json';

/** Shards written at a time: while one waits for the disk, another is read. */
const AT_ONCE = 2;

/**
 * Writes data sets of encoded images as WebDataset shards, `SPLIT/shard-000000.tar` and so on: each sample an image and its label, as a
 * number in `.cls`. Beside each lies an index, by which our data sets read images in place, in the order of the set they came from.
 * Every file appears whole or not at all; whatever is there and right is kept, so that an interrupted call is repeated to go on.
 *
 * @param splits Data sets with `readEncoded`, of the same classes.
 * @param out The folder; one process at a time writes there.
 * @throws DataError where `out` holds other shards, or images cannot be read; FileError where there is no room; LockedError where
 *   another process writes there.
 */
export async function writeShards(
  splits: Readonly<Record<string, Dataset>>,
  out: string,
  { imagesPerShard = 10_000, seed = 0, onProgress, signal }: ShardOptions = {},
): Promise<void> {
  const plan = await planOf(splits, imagesPerShard, seed);
  await makeFolder(out, { who: 'shards' });
  const lock = acquireLock(join(out, 'lock'));
  try {
    await begin(join(out, PLAN), plan);
    const tasks = Object.entries(splits).flatMap(([split, dataset]) => shardsOf(dataset, join(out, split), plan));
    for (const split of Object.keys(splits)) {
      await makeFolder(join(out, split), { who: 'shards' });
      sweepAbandoned(join(out, split));
    }
    let done = 0;
    await each(tasks, AT_ONCE, async (task) => {
      signal?.throwIfAborted();
      await writeShard(task);
      onProgress?.({ done: ++done, total: tasks.length });
    });
  } finally {
    lock.release();
  }
}

/** Works on `atOnce` items at a time. After an error nothing new begins, and what runs is waited for: the lock is still held. */
async function each<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  let failed = false;
  const drain = async () => {
    for (const item of queue) {
      if (failed) return;
      await work(item).catch((error) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, drain));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function planOf(
  splits: Readonly<Record<string, Dataset>>,
  imagesPerShard: number,
  seed: number,
): Promise<ShardPlan> {
  const facts = Object.entries(splits).map(async ([name, dataset]) => {
    if (!dataset.readEncoded || !dataset.fingerprint)
      throw new DataError(
        `shards: ${name} must be images in files, got ones that are decoded already. Shard the folder or archive that they came from.`,
      );
    return [name, { images: dataset.length, fingerprint: await dataset.fingerprint() }] as const;
  });
  const classes = Object.values(splits)[0]?.classes ?? [];
  return { version: 1, classes, seed, imagesPerShard, splits: Object.fromEntries(await Promise.all(facts)) };
}

/** The plan in a text that `writeShards` wrote; null for any other. */
export function parsePlan(text: string): ShardPlan | null {
  try {
    const plan = parseJson(text);
    return isPlan(plan) ? plan : null;
  } catch {
    return null;
  }
}

function isPlan(value: unknown): value is ShardPlan {
  if (!isObject(value) || value.version !== 1 || !isObject(value.splits)) return false;
  const { classes, splits } = value;
  const isClasses = Array.isArray(classes) && classes.every((name) => typeof name === 'string');
  return isClasses && Object.values(splits).every((split) => isObject(split) && Number.isSafeInteger(split.images));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Writes the plan, or makes sure that it is the one that is there. */
async function begin(path: string, plan: ShardPlan): Promise<void> {
  const text = JSON.stringify(plan);
  const found = await readText(path).catch(() => null);
  if (found === null) return writeDurably(path, text);
  if (found !== text)
    throw new DataError(
      `${path}: must be of the same images, seed and size of shards, got another plan. Choose another folder, or remove this one.`,
    );
}

/** A shard to write: some places of a data set. */
interface ShardTask {
  readonly dataset: Dataset;
  readonly places: Int32Array;
  /** Without `.tar`. */
  readonly path: string;
}

function shardsOf(dataset: Dataset, folder: string, { imagesPerShard, seed }: ShardPlan): ShardTask[] {
  const order = shuffle(
    Int32Array.from({ length: dataset.length }, (_, i) => i),
    seededRandom(seed),
  );
  return Array.from({ length: Math.ceil(order.length / imagesPerShard) }, (_, k) => ({
    dataset,
    places: order.subarray(k * imagesPerShard, (k + 1) * imagesPerShard),
    path: join(folder, `shard-${String(k).padStart(6, '0')}`),
  }));
}

async function writeShard({ dataset, places, path }: ShardTask): Promise<void> {
  const known = await readIndex(`${path}.idx`);
  if (known && (await lengthOf(`${path}.tar`)) === known.bytes) return;
  const facts = { bytes: 0, sha256: createHash('sha256') };
  const index = {
    places: Uint32Array.from(places),
    starts: new Uint32Array(places.length),
    sizes: new Uint32Array(places.length),
    labels: new Uint16Array(places.length),
    digests: new Uint8Array(places.length * DIGEST),
  };
  await writeDurably(`${path}.tar`, shardBytes(dataset, index, facts));
  await writeIndex(`${path}.idx`, { ...index, bytes: facts.bytes, sha256: facts.sha256.digest('hex') });
}

const lengthOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => -1,
  );

/** The tar, sample by sample; fills the index on the way. */
async function* shardBytes(
  dataset: Dataset,
  index: Omit<ShardIndex, 'bytes' | 'sha256'>,
  facts: { bytes: number; readonly sha256: ReturnType<typeof createHash> },
): AsyncGenerator<Uint8Array> {
  const send = (part: Buffer): Buffer => {
    facts.bytes += part.length;
    facts.sha256.update(part);
    return part;
  };
  for (const [i, place] of index.places.entries()) {
    const { bytes, label, file } = await dataset.readEncoded!(place);
    const key = String(place).padStart(8, '0');
    index.starts[i] = facts.bytes / BLOCK + 1;
    index.sizes[i] = bytes.length;
    index.labels[i] = label;
    index.digests.set(hash('sha256', bytes, 'buffer'), i * DIGEST);
    yield send(member(`${key}.${extensionOf(bytes, file)}`, bytes));
    yield send(member(`${key}.cls`, Buffer.from(String(label))));
  }
  yield send(Buffer.alloc(2 * BLOCK));
}

/** A member's header and its content, padded. */
function member(path: string, content: Uint8Array): Buffer {
  const bytes = Buffer.alloc(BLOCK + Math.ceil(content.length / BLOCK) * BLOCK);
  const header = new Header({
    path,
    size: content.length,
    mode: 0o644,
    type: 'File',
    mtime: new Date(0),
    uid: 0,
    gid: 0,
  });
  header.encode(bytes, 0);
  bytes.set(content, BLOCK);
  return bytes;
}

/** By its first bytes: an image's name may say anything. */
function extensionOf(bytes: EncodedImage['bytes'], file: string): string {
  const extension = formatOf(bytes);
  if (extension) return extension;
  throw new DataError(
    `${file}: must be a ${FORMAT_NAMES} image, got a file that starts like none of these. Remove it.`,
  );
}
