import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Augment, ColorComponents, Image } from '@resnet/augment';
import { type AugmentRecipe, isPortable, resolveAugment } from './augment-recipe';
import { type BatchOptions, report } from './batches';
import { cacheFolder } from './cache';
import type { Dataset, LabeledImage } from './dataset';
import { eigen } from './eigen';
import { BrokenImageError } from './errors';
import { readHashedJson, writeHashedJson } from './hashed-json';
import { inOrder } from './in-order';
import { type Moments, moments } from './moments';
import { seededRandom } from './random';

/** Facts of a data set's pixels, on the scale [0, 1]. */
export interface DatasetStatistics {
  /** How many images they were computed from. */
  readonly images: number;
  /** The mean image, `height · width · channels` numbers; null where shapes differ. The paper subtracts it (§3.4, §4.2). */
  readonly pixelMean: readonly number[] | null;
  /** One number a channel, over all pixels. */
  readonly mean: readonly number[];
  /** One number a channel, over all pixels (divided by n). */
  readonly std: readonly number[];
  /** Principal components of the pixels' colors, for AlexNet's color shift: `cifar({ colors })` of `@resnet/augment` takes them. */
  readonly colors: ColorComponents;
}

/** What is measured, and where the result is kept. */
export interface StatisticsOptions {
  /** Applied to each image first: a resize and center crop gives images of varying size a mean image. */
  readonly prepare?: AugmentRecipe;
  /** Take this many images, evenly spread, instead of all. */
  readonly images?: number;
  /** As for `batches`. Nothing is kept where an image was left out. */
  readonly onBrokenImage?: BatchOptions['onBrokenImage'];
  /** Default `cacheFolder()`. Nothing is kept for data sets without a fingerprint, nor where `prepare` is a function. */
  readonly cacheDir?: string;
}

/** Version of the cached file; files of other versions are not read. */
const FORMAT = 2;

/** Images being decoded while one is added up. */
const AHEAD = 8;

/** Computes a data set's statistics, or reads them where they were computed before. Give it training images only. */
export async function datasetStatistics(dataset: Dataset, options: StatisticsOptions = {}): Promise<DatasetStatistics> {
  const path = await cachePath(dataset, options);
  const known = path && (await readHashedJson<DatasetStatistics>(path));
  if (known) return known;
  const computed = await compute(dataset, options);
  if (path && computed.images === Math.min(options.images ?? dataset.length, dataset.length)) {
    await writeHashedJson(path, computed);
  }
  return computed;
}

async function cachePath(
  dataset: Dataset,
  { prepare, images, cacheDir = cacheFolder() }: StatisticsOptions,
): Promise<string | null> {
  if (!dataset.fingerprint || (prepare && !isPortable(prepare))) return null;
  const choices = createHash('sha256')
    .update(JSON.stringify([FORMAT, prepare, images]))
    .digest('hex')
    .slice(0, 8);
  return join(cacheDir, `${await dataset.fingerprint()}-${choices}.statistics.json`);
}

async function compute(
  dataset: Dataset,
  { prepare, images = dataset.length, onBrokenImage = 'stop' }: StatisticsOptions,
): Promise<DatasetStatistics> {
  const count = Math.min(images, dataset.length);
  const augment: Augment = prepare ? await resolveAugment(prepare) : (image) => image;
  const index = (i: number) => Math.floor((i * dataset.length) / count);
  const read = (i: number) => dataset.readSync?.(index(i)) ?? readUnbroken(dataset, index(i), onBrokenImage);
  let totals: Moments | undefined;
  let unit = 1;
  let i = -1;
  for await (const sample of inOrder(read, 0, count, dataset.readSync ? 0 : AHEAD)) {
    i++;
    if (!sample) continue;
    const prepared: Image = augment(sample.image, seededRandom(0, 0, index(i)));
    totals ??= moments(prepared.channels);
    unit = prepared.data instanceof Uint8Array ? 1 / 255 : 1;
    totals.add(prepared);
  }
  if (!totals) throw new RangeError('datasetStatistics: the data set must have images, got none. Check its source.');
  return summarize(totals, unit);
}

/** Null for a broken image that is left out. */
async function readUnbroken(
  dataset: Dataset,
  i: number,
  onBrokenImage: BatchOptions['onBrokenImage'],
): Promise<LabeledImage | null> {
  try {
    return await dataset.read(i);
  } catch (error) {
    if (!(error instanceof BrokenImageError)) throw error;
    report(onBrokenImage, error);
    return null;
  }
}

function summarize({ images, pixels, sums, channelSums, products }: Moments, unit: number): DatasetStatistics {
  const mean = Array.from(channelSums, (sum) => sum / pixels);
  const covariance = (i: number, j: number) =>
    unit * unit * (products[Math.min(i, j) * mean.length + Math.max(i, j)]! / pixels - mean[i]! * mean[j]!);
  return {
    images,
    pixelMean: sums && Array.from(sums, (sum) => (unit * sum) / images),
    mean: mean.map((value) => unit * value),
    std: mean.map((_, i) => Math.sqrt(Math.max(0, covariance(i, i)))),
    colors: eigen(mean.map((_, i) => mean.map((_, j) => covariance(i, j)))),
  };
}
