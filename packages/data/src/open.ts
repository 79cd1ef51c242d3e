import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveSource } from './archive-source';
import { cacheFolder } from './cache';
import { CIFAR10, CIFAR100, type CifarFormat, cifarKey, packCifar, recognizeCifar } from './cifar';
import type { Dataset } from './dataset';
import { ChecksumError, NotFoundError } from './errors';
import { folderSource } from './folder-source';
import { findImages, openImages } from './open-images';
import { openShards } from './open-shards';
import type { OpenedDataset, OpenOptions, Settings } from './opened';
import { findPack, packName, storePack } from './packed';
import { openShapes } from './shapes10';
import type { Source } from './source';

/**
 * Opens whatever `path` is: an official CIFAR archive or its folder; a folder or `.tar`/`.tar.gz` of images in class folders, with or
 * without `train` and `test` (or `val`) above them; a folder of WebDataset shards; or a name: `cifar10` and `cifar100` as downloaded, `shapes10`.
 *
 * @throws NotFoundError, and DataError's other classes for data that is damaged or unsafe.
 */
export async function openSource(path: string, options: OpenOptions = {}): Promise<OpenedDataset> {
  if (path === 'shapes10') return openShapes();
  const settings = { ...options, cacheDir: options.cacheDir ?? cacheFolder() };
  const source = await locate(path, settings);
  const shards = source.kind === 'folder' ? await openShards(source.path, settings) : null;
  if (shards) return shards;
  // Listing an archive takes a second or two, hashing it a tenth of that.
  const found = source.kind === 'archive' ? await findImages(source, settings) : null;
  if (found) return found;
  const cifar = await recognize(source, path);
  const opened = await (cifar ? openCifar(source, cifar, settings) : openImages(source, settings));
  return { ...opened, skipped: (await source.list()).skipped };
}

/** `openSource`, then one split of it. Default `train`. */
export const openDataset = async (
  path: string,
  { split = 'train', ...options }: OpenOptions & { readonly split?: string } = {},
): Promise<Dataset> => (await openSource(path, options)).read(split);

async function locate(path: string, options: Settings): Promise<Source> {
  const named = [CIFAR10, CIFAR100].find(({ name }) => name === path);
  const place = named && !(await kindOf(path)) ? await downloaded(named, options.cacheDir) : path;
  const kind = await kindOf(place);
  if (kind) return kind === 'folder' ? folderSource(place, options.cacheDir) : archiveSource(place, options);
  throw new NotFoundError(
    named
      ? `${path}: must be downloaded first, got no ${place}. Run \`resnet data download ${path}\`, or put the file there by hand (${named.url}).`
      : `${path}: must be a folder, a .tar or .tar.gz, or one of cifar10, cifar100, shapes10; got nothing there. Check the path.`,
  );
}

/** Where a download lies: the archive, or the folder of its files where they came from elsewhere. */
async function downloaded({ archive, folder }: CifarFormat, cacheDir: string): Promise<string> {
  const [whole, unpacked] = [join(cacheDir, archive), join(cacheDir, folder)];
  return !(await kindOf(whole)) && (await kindOf(unpacked)) ? unpacked : whole;
}

const kindOf = (path: string): Promise<Source['kind'] | null> =>
  stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'archive'),
    () => null,
  );

/** Official archives are recognized by name or hash before they are listed. */
async function recognize(source: Source, path: string): Promise<CifarFormat | null> {
  const key = source.kind === 'archive' ? await source.key([]) : null;
  const known = [CIFAR10, CIFAR100].find(({ name, sha256 }) => sha256 === key || name === path);
  return known ?? recognizeCifar((await source.list()).files);
}

async function openCifar(source: Source, format: CifarFormat, options: Settings): Promise<OpenedDataset> {
  const { labels = 'fine', verify = true, cacheDir } = options;
  const key = await cifarKey(source, format);
  const pinned = source.kind === 'archive' || source.path === join(cacheDir, format.folder);
  if (verify && pinned && key !== format.sha256) {
    throw new ChecksumError(
      `${source.path}: must have SHA-256 ${format.sha256}, got ${key}. Fetch ${format.url} again, or set verify: false for an archive of your own.`,
    );
  }
  const name = packName(key, format.name, labels, verify ? 'official' : 'own');
  return (
    (await findPack(cacheDir, name, format.name)) ??
    storePack(cacheDir, name, format.name, await packCifar(source, format, labels, verify))
  );
}
