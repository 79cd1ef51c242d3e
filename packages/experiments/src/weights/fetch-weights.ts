import { basename, join } from 'node:path';
import { cacheFolder, type DownloadOptions, downloadFile, UnreachableError } from '@resnet/data';
import type { PublishedWeights } from './published';

/** Where published weights are kept, and fetched from. */
export interface FetchWeightsOptions extends DownloadOptions {
  /** Default `cacheFolder()` of `@resnet/data`. */
  cacheDir?: string;
  /** Another address of the same file. */
  url?: string;
}

/** Where published weights lie once they are fetched. */
export const weightsPath = ({ url }: PublishedWeights, cacheDir: string = cacheFolder()): string =>
  join(cacheDir, 'weights', basename(url));

/**
 * Fetches published weights into the cache: once, continued where it was cut off, held to the SHA-256 in the file's name.
 *
 * @returns The path of the file.
 * @throws UnreachableError where the server does not answer, with all that is needed to fetch the file by hand; the other errors of
 *   `downloadFile`.
 */
export async function fetchWeights(weights: PublishedWeights, options: FetchWeightsOptions = {}): Promise<string> {
  const { cacheDir, url = weights.url, ...download } = options;
  const path = weightsPath(weights, cacheDir);
  try {
    await downloadFile({ url, sha256: weights.sha256 }, path, download);
    return path;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    throw new UnreachableError(
      `weights: ${weights.name} must be fetched from ${url}, got ${causeOf(error)}. Try again, or put that file (${weights.megabytes} MB, SHA-256 ${weights.sha256}…) at ${path}.`,
      { cause: error },
    );
  }
}

/** What the network said. */
function causeOf({ cause, message }: Error): string {
  if (!(cause instanceof Error)) return message;
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}
