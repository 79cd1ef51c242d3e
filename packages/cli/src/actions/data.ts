import { extname } from 'node:path';
import {
  type CifarName,
  type Dataset,
  type DownloadProgress,
  type DownloadSource,
  datasetStatistics,
  previewDataset as draw,
  download as fetchCifar,
  type OpenedDataset,
  openImagenetArchives,
  openSource,
  writeShards,
} from '@resnet/data';
import { augmentModule, changesOf, openData } from '@resnet/experiments';
import { printable, writeDurably } from '@resnet/files';
import { UsageError } from '../errors';
import { note, print, printJson } from '../output';
import { untilStopped } from '../until-stopped';

/** The output of `resnet data info --json`. */
interface DataInfo {
  readonly kind: OpenedDataset['kind'];
  readonly classes: readonly string[];
  /** Height, width and channels; null where they vary. */
  readonly shape: readonly number[] | null;
  readonly splits: Readonly<Record<string, SplitInfo>>;
  /** Number of files that are no readable images, by extension. */
  readonly otherFiles: OpenedDataset['otherFiles'];
  /** Path of the pack or folder in the cache. */
  readonly cached: string | null;
  readonly statistics?: { readonly mean: readonly number[]; readonly std: readonly number[]; readonly colors: object };
}

interface SplitInfo {
  readonly images: number;
  /** Images of each class, in the order of `classes`. */
  readonly perClass: readonly number[];
}

/** Prints splits, classes and image shape of a data set. */
export async function info(path: string, options: { statistics?: boolean; json?: boolean }): Promise<void> {
  const opened = await openData(path, note);
  const datasets = await readAll(opened);
  const first = datasets[0]![1];
  const { mean, std, colors } = options.statistics ? await datasetStatistics(first) : {};
  const result: DataInfo = {
    kind: opened.kind,
    classes: opened.classes,
    shape: first.shape,
    splits: Object.fromEntries(datasets.map(([name, dataset]) => [name, splitInfo(dataset)])),
    otherFiles: opened.otherFiles,
    cached: opened.cached,
    ...(mean && std && colors && { statistics: { mean, std, colors } }),
  };
  if (options.json) printJson(result);
  else for (const line of describe(result)) print(line);
}

/** All splits, training first: statistics are taken from the first. */
async function readAll(opened: OpenedDataset): Promise<[string, Dataset][]> {
  const names = [...opened.splits].sort((a, b) => Number(b === 'train') - Number(a === 'train'));
  const all: [string, Dataset][] = [];
  for (const name of names) all.push([name, await opened.read(name)]);
  return all;
}

function splitInfo(dataset: Dataset): SplitInfo {
  const perClass = dataset.classes.map(() => 0);
  for (let i = 0; i < dataset.length; i++) perClass[dataset.label(i)]!++;
  return { images: dataset.length, perClass };
}

function* describe({ kind, classes, shape, splits, cached, statistics: found }: DataInfo): Generator<string> {
  yield `kind     ${kind}`;
  yield `images   ${shape ? shape.join(' × ') : 'of varying size, decoded when read'}`;
  yield `classes  ${classes.length}: ${classes
    .slice(0, 10)
    .map((name) => printable(name))
    .join(', ')}${classes.length > 10 ? ', …' : ''}`;
  for (const [name, { images, perClass }] of Object.entries(splits)) {
    const [least, most] = [Math.min(...perClass), Math.max(...perClass)];
    const each = least === most ? `${least}` : `${least}–${most}`;
    yield `${name.padEnd(8)} ${images.toLocaleString('en-US')} images, ${each} a class`;
  }
  if (cached) yield `cached   ${cached}`;
  if (!found) return;
  yield `mean     ${digits(found.mean)}`;
  yield `std      ${digits(found.std)}`;
}

const digits = (values: readonly number[]): string => values.map((value) => value.toFixed(4)).join(', ');

/** Downloads CIFAR and prints its path. A signal stops it like an error, so that no half-made file is left. */
export async function download(name: CifarName, options: Pick<DownloadSource, 'url' | 'from'>): Promise<void> {
  const onFallback = ({ message }: Error) => note(`${message}\n${name}: trying npm's registry`);
  await untilStopped(async (signal) =>
    print(await fetchCifar(name, { ...options, signal, onFallback, onProgress: progressOf(name) })),
  );
}

/** Prints a line every 5 %. */
function progressOf(name: string): (progress: DownloadProgress) => void {
  const say = changesOf(note);
  return ({ step, done, total }) =>
    say(
      step === 'fetch'
        ? `${name}: ${5 * Math.floor((20 * done) / total)} % of ${Math.round(total / 1e6)} MB`
        : `${name}: ${done} of ${total} files decoded`,
    );
}

interface ShardFlags {
  readonly out: string;
  readonly imagesPerShard: number;
  readonly seed: number;
}

/** Writes the images of a folder or archive as shards and prints their folder. */
export async function shard(path: string, flags: ShardFlags): Promise<void> {
  const opened = await openSource(path, { maxPackedBytes: 0 });
  await toShards(Object.fromEntries(await readAll(opened)), flags);
}

/** Writes ImageNet's archives as shards and prints their folder. */
export async function importImagenet(
  train: string,
  validation: string,
  { validationLabels, ...flags }: ShardFlags & { readonly validationLabels: string },
): Promise<void> {
  note(`reading the index of ${train}`);
  await toShards({ ...(await openImagenetArchives({ train, validation, validationLabels })) }, flags);
}

/** A signal stops after the current shard; repeating the command continues. */
async function toShards(splits: Readonly<Record<string, Dataset>>, { out, ...options }: ShardFlags): Promise<void> {
  const onProgress = ({ done, total }: { done: number; total: number }) => note(`shards: ${done} of ${total}`);
  await untilStopped(async (signal) => {
    await writeShards(splits, out, { ...options, signal, onProgress });
    print(out);
  });
}

interface PreviewOptions {
  readonly augment: string;
  readonly out: string;
  readonly split: string;
  readonly rows: number;
  readonly samples: number;
  readonly seed: number;
}

/** Draws original images and augmented samples into a file, in the format of its name. */
export async function preview(path: string, { augment, out, split, ...options }: PreviewOptions): Promise<void> {
  const format = pictureFormat(out);
  const dataset = await (await openData(path, note)).read(split);
  const picture = await draw(dataset, { ...options, format, augment: augmentModule(augment) });
  await writeDurably(out, picture, { links: 'follow' });
  print(out);
}

function pictureFormat(out: string): 'png' | 'jpeg' | 'webp' {
  const extension = extname(out).toLowerCase();
  if (extension === '.png') return 'png';
  if (extension === '.jpg' || extension === '.jpeg') return 'jpeg';
  if (extension === '.webp') return 'webp';
  throw new UsageError(`data preview: --out must end in .png, .jpg or .webp, got ${out}. Choose one.`);
}
