import { hash } from 'node:crypto';
import type { Image } from '@resnet/augment';
import { ArchiveError, ChecksumError, LayoutError } from './errors';
import type { Pack, PackedSplit } from './pack-file';
import { checkLabels } from './packed-dataset';
import { shared } from './shared-memory';
import type { Source, SourceFile } from './source';

/** The data sets that are known by name and can be downloaded. */
export type CifarName = 'cifar10' | 'cifar100';

/** An official binary version of CIFAR: https://www.cs.toronto.edu/~kriz/cifar.html. */
export interface CifarFormat {
  /** The name that `openDataset` and `download` take. */
  readonly name: CifarName;
  /** Where its authors offer the archive. */
  readonly url: string;
  /** The archive's file name. */
  readonly archive: string;
  /** Length of the archive. */
  readonly bytes: number;
  /** Corroborated by the pins of independent projects (GoMLX, MLDatasets.jl, torchvision for Ruby). */
  readonly sha256: string;
  /** The folder inside the archive. */
  readonly folder: string;
  /** Names of the files of training images, in their order. */
  readonly train: readonly string[];
  /** Names of the files of test images. */
  readonly test: readonly string[];
  /** Images in each file of `train` and of `test`. */
  readonly records: readonly [train: number, test: number];
  /** Label bytes before the pixels, by name. */
  readonly labels: readonly string[];
  /** The file of class names, for each of `labels`. */
  readonly names: readonly string[];
  /** SHA-256 in hex of every file that is read, where it is known: a folder of these files is the official archive. */
  readonly files?: Readonly<Record<string, string>>;
}

/** 60,000 images in ten classes. */
export const CIFAR10: CifarFormat = {
  name: 'cifar10',
  url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
  archive: 'cifar-10-binary.tar.gz',
  bytes: 170_052_171,
  sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
  folder: 'cifar-10-batches-bin',
  train: [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`),
  test: ['test_batch.bin'],
  records: [10_000, 10_000],
  labels: ['fine'],
  names: ['batches.meta.txt'],
  files: {
    'data_batch_1.bin': 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
    'data_batch_2.bin': 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed',
    'data_batch_3.bin': 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67',
    'data_batch_4.bin': '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48',
    'data_batch_5.bin': '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add',
    'test_batch.bin': '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b',
    'batches.meta.txt': '558e74b5e208382e186da55784b4bac2cd52e558448e1b5800990fdb28ed8033',
  },
};

/** 60,000 images in 100 fine and 20 coarse classes. */
export const CIFAR100: CifarFormat = {
  name: 'cifar100',
  url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
  archive: 'cifar-100-binary.tar.gz',
  bytes: 168_513_733,
  sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
  folder: 'cifar-100-binary',
  train: ['train.bin'],
  test: ['test.bin'],
  records: [50_000, 10_000],
  labels: ['coarse', 'fine'],
  names: ['coarse_label_names.txt', 'fine_label_names.txt'],
};

/** Which labels of CIFAR-100 to take: 100 `fine` classes or 20 `coarse` ones. */
export type CifarLabels = 'fine' | 'coarse';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const PIXELS = 3 * PLANE;

/** The format whose files a listing holds, or null. */
export const recognizeCifar = (files: readonly string[]): CifarFormat | null =>
  [CIFAR10, CIFAR100].find(({ train, names }) =>
    [...train, ...names].every((name) => files.some((path) => base(path) === name)),
  ) ?? null;

/**
 * SHA-256 of the content: the official archive's, too, for a folder that holds exactly its files, so that packs, statistics and runs
 * do not depend on how the images came.
 */
export async function cifarKey(source: Source, format: CifarFormat): Promise<string> {
  if (source.kind === 'folder' && (await hasFiles(source, format))) return format.sha256;
  const names = new Set([...format.train, ...format.test, ...format.names]);
  return source.key((await source.list()).files.filter((path) => names.has(base(path))));
}

/** Whether a source holds every one of a format's files, byte for byte. False where their hashes are not known. */
export async function hasFiles(source: Source, { files }: CifarFormat): Promise<boolean> {
  if (!files) return false;
  const missing = new Set(Object.keys(files));
  for await (const { path, bytes } of source.read((candidate) => base(candidate) in files)) {
    if (hash('sha256', bytes) !== files[base(path)]) return false;
    missing.delete(base(path));
  }
  return missing.size === 0;
}

/**
 * Reads the official binary files: label bytes, then 1,024 red, 1,024 green and 1,024 blue bytes by rows.
 *
 * @param official Whether the files must have the official numbers of images.
 * @throws ArchiveError, ChecksumError, LayoutError or LabelError where they are not what they should be.
 */
export async function packCifar(
  source: Source,
  format: CifarFormat,
  labels: CifarLabels,
  official: boolean,
): Promise<Pack> {
  const labelAt = format.labels.indexOf(labels);
  if (labelAt < 0) throw new RangeError(`${format.name}: labels must be ${format.labels.join(' or ')}, got ${labels}.`);
  const namesFile = format.names[labelAt]!;
  const wanted = new Set([...format.train, ...format.test, namesFile]);
  const files = new Map<string, SourceFile>();
  for await (const file of source.read((path) => wanted.has(base(path)))) files.set(base(file.path), file);
  const take = (name: string): Uint8Array => {
    const file = files.get(name);
    if (!file)
      throw new LayoutError(`${source.path}: must hold ${name}, got no such file. Fetch ${format.archive} again.`);
    return file.bytes;
  };
  const classes = Buffer.from(take(namesFile))
    .toString()
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const split = (names: readonly string[], records: number) => {
    const parts = names.map((name) => ({ name, bytes: take(name) }));
    for (const part of parts) checkSize(source.path, part, format, official ? records : null);
    return readRecords(
      parts.map(({ bytes }) => bytes),
      format.labels.length,
      labelAt,
    );
  };
  const splits = new Map([
    ['train', split(format.train, format.records[0])],
    ['test', split(format.test, format.records[1])],
  ]);
  for (const [name, packed] of splits) checkLabels(`${source.path} (${name})`, packed.labels, classes.length);
  return { classes, shape: [SIDE, SIDE, 3], splits };
}

const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function checkSize(
  source: string,
  file: { name: string; bytes: Uint8Array },
  { labels }: CifarFormat,
  records: number | null,
): void {
  const record = labels.length + PIXELS;
  const { name, bytes } = file;
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new ArchiveError(
      `${source}: ${name} must have a multiple of ${record} bytes, got ${bytes.length}. Fetch it again.`,
    );
  }
  if (records !== null && bytes.length !== records * record) {
    throw new ChecksumError(
      `${source}: ${name} must have ${records} images, got ${bytes.length / record}. Fetch it again, or set verify: false for files of your own.`,
    );
  }
}

/**
 * The records of an official file with one label: label, then channels first.
 *
 * @param image A row an image: 1,024 RGB pixels, themselves by rows.
 * @param labels One an image.
 */
export function toRecords({ data, width, height }: Image, labels: readonly number[]): Uint8Array {
  if (width !== PLANE || labels.length !== height) {
    throw new LayoutError(
      `CIFAR: an image must be a row of ${PLANE} pixels with a label, got ${width} pixels and ${labels.length} labels for ${height} rows.`,
    );
  }
  const records = new Uint8Array(height * (1 + PIXELS));
  for (const [image, label] of labels.entries()) {
    const start = image * (1 + PIXELS);
    records[start] = label;
    for (let pixel = 0, from = image * PIXELS; pixel < PLANE; pixel++, from += 3) {
      for (let channel = 0; channel < 3; channel++)
        records[start + 1 + channel * PLANE + pixel] = data[from + channel]!;
    }
  }
  return records;
}

/** Channels first becomes channels last. */
function readRecords(files: readonly Uint8Array[], labelBytes: number, labelAt: number): PackedSplit {
  const record = labelBytes + PIXELS;
  const count = files.reduce((sum, { length }) => sum + length / record, 0);
  const labels = shared(Uint16Array, count);
  const pixels = shared(Uint8Array, count * PIXELS);
  let image = 0;
  for (const bytes of files) {
    for (let start = 0; start < bytes.length; start += record, image++) {
      labels[image] = bytes[start + labelAt]!;
      const red = start + labelBytes;
      for (let i = 0, to = image * PIXELS; i < PLANE; i++, to += 3) {
        pixels[to] = bytes[red + i]!;
        pixels[to + 1] = bytes[red + PLANE + i]!;
        pixels[to + 2] = bytes[red + 2 * PLANE + i]!;
      }
    }
  }
  return { labels, pixels };
}
