import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from '@resnet/files';
import { archiveDataset, DIGEST } from './archive-images';
import type { ArchiveImages } from './dataset';
import { MAX_PIXELS } from './decode';
import { ArchiveError, LabelError } from './errors';
import { splitOf } from './layout';
import type { OpenedDataset, OpenOptions } from './opened';
import { noSplit } from './packed';
import { readIndex } from './shard-index';
import { shared } from './shared-memory';
import { BLOCK } from './tar-members';
import { readShard } from './webdataset';
import { PLAN, parsePlan, type ShardPlan } from './write-shards';

/**
 * Opens a folder of WebDataset shards: `SPLIT/*.tar`, or `*.tar` as `train`. Images stay where they are and are decoded when read.
 * Shards of `writeShards` are opened by their indices, in the order of the set that they came from; others by their headers, in the
 * order of their names, with numbers for classes.
 *
 * @returns Null where the folder has no shards.
 * @throws ArchiveError for a shard that is damaged or missing, LabelError for a label beyond the classes.
 */
export async function openShards(root: string, { maxPixels = MAX_PIXELS }: OpenOptions): Promise<OpenedDataset | null> {
  const shards = await findShards(root);
  if (shards.size === 0) return null;
  const plan = await readPlan(root);
  const splits = plan ? Object.keys(plan.splits) : [...shards.keys()];
  const parts = await Promise.all(
    splits.map((split) => Promise.all((shards.get(split) ?? []).map(plan ? ownShard(root) : foreignShard(root)))),
  );
  const classes = plan?.classes ?? numbered(parts.flat());
  const images = new Map<string, ArchiveImages>();
  for (const [i, split] of splits.entries()) {
    requireAll(root, split, parts[i]!, plan);
    images.set(split, inOnePlace(root, parts[i]!, classes, plan !== null, maxPixels));
  }
  return {
    kind: 'images',
    classes,
    splits,
    cached: null,
    skipped: [],
    otherFiles: {},
    brokenImages: 0,
    read: async (split) => {
      const found = images.get(split);
      if (!found) throw noSplit('images', split, splits);
      return archiveDataset(found);
    },
  };
}

/** A shard and where its images are, in blocks. */
interface Shard {
  /** Below the folder. */
  readonly archive: string;
  /** Places in the data set; those of foreign shards are one after another. */
  readonly places: ArrayLike<number> | null;
  readonly starts: ArrayLike<number>;
  readonly sizes: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly digests: Uint8Array | null;
}

/** Shards by the names of their splits, in the order of their names. */
async function findShards(root: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const entries = await readdir(root, { withFileTypes: true });
  const tars = (names: readonly string[]) => names.filter((name) => /^[^.].*\.tar$/.test(name)).sort();
  for (const name of entries.map((entry) => entry.name).sort()) {
    const split = splitOf(name);
    const inside = split ? tars(await readdir(join(root, name)).catch(() => [])) : [];
    if (split && inside.length > 0)
      found.set(
        split,
        inside.map((shard) => `${name}/${shard}`),
      );
  }
  const top = tars(entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name));
  return found.size === 0 && top.length > 0 ? new Map([['train', top]]) : found;
}

/** Null where the shards are another program's. */
async function readPlan(root: string): Promise<ShardPlan | null> {
  const path = join(root, PLAN);
  const text = await readText(path).catch(() => null);
  if (text === null) return null;
  const plan = parsePlan(text);
  if (plan) return plan;
  throw new ArchiveError(`${path}: must be as it was written, got another text. Make the shards again, elsewhere.`);
}

const ownShard =
  (root: string) =>
  async (archive: string): Promise<Shard> => {
    const index = await readIndex(join(root, archive.replace(/\.tar$/, '.idx')));
    const { size } = await stat(join(root, archive));
    if (index && index.bytes === size) return { archive, ...index };
    throw new ArchiveError(
      `${join(root, archive)}: must have its index beside it and ${index ? `${index.bytes} bytes, got ${size}` : 'got none, or a damaged one'}. Make the shards again: whole ones are kept.`,
    );
  };

const foreignShard =
  (root: string) =>
  async (archive: string): Promise<Shard> => {
    const samples = await readShard(join(root, archive));
    return {
      archive,
      places: null,
      starts: samples.map(({ start }) => start / BLOCK),
      sizes: samples.map(({ size }) => size),
      labels: samples.map(({ label }) => label),
      digests: null,
    };
  };

function numbered(shards: readonly Shard[]): string[] {
  let most = 0;
  for (const { labels } of shards) for (let i = 0; i < labels.length; i++) most = Math.max(most, labels[i]!);
  return Array.from({ length: most + 1 }, (_, label) => String(label));
}

function requireAll(root: string, split: string, shards: readonly Shard[], plan: ShardPlan | null): void {
  const wanted = plan?.splits[split]?.images;
  const got = shards.reduce((sum, { labels }) => sum + labels.length, 0);
  if (wanted === undefined || wanted === got) return;
  throw new ArchiveError(
    `${root}: must have ${wanted} images in the shards of ${split}, got ${got}. Make the shards again: whole ones are kept.`,
  );
}

/** All images in shared memory, each in its place: 10 bytes an image, 32 more with digests. */
function inOnePlace(
  root: string,
  shards: readonly Shard[],
  classes: readonly string[],
  withDigests: boolean,
  maxPixels: number,
): ArchiveImages {
  const count = shards.reduce((sum, { labels }) => sum + labels.length, 0);
  const images = {
    root,
    archives: shards.map(({ archive }) => archive),
    classes,
    archive: shared(Uint16Array, count),
    labels: shared(Uint16Array, count),
    starts: shared(Uint32Array, count),
    sizes: shared(Uint32Array, count),
    digests: withDigests ? shared(Uint8Array, count * DIGEST) : null,
    maxPixels,
  };
  let next = 0;
  const taken = new Uint8Array(count);
  for (const [k, { archive, places, starts, sizes, labels, digests }] of shards.entries()) {
    for (let i = 0; i < labels.length; i++, next++) {
      const place = places ? places[i]! : next;
      if (labels[i]! >= classes.length || place >= count)
        throw new LabelError(
          `${join(root, archive)}: labels must be below ${classes.length}, got ${labels[i]}. Make the shard again.`,
        );
      if (taken[place]++)
        throw new ArchiveError(
          `${join(root, archive)}: images must have a place each, got two for place ${place}. Make the shard again.`,
        );
      images.archive[place] = k;
      images.labels[place] = labels[i]!;
      images.starts[place] = starts[i]!;
      images.sizes[place] = sizes[i]!;
      if (digests) images.digests?.set(digests.subarray(i * DIGEST, (i + 1) * DIGEST), place * DIGEST);
    }
  }
  return images;
}
