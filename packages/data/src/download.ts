import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ChecksumError, DownloadError, UnreachableError } from './errors';
import { hashFile } from './hash';

/** A file on the net and what it must be. */
export interface RemoteFile {
  /** Its address, HTTP or HTTPS. */
  readonly url: string;
  /** How long it must be. */
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** How far a download is. */
export interface DownloadProgress {
  /** `fetch` counts bytes, `decode` files. */
  readonly step: 'fetch' | 'decode';
  readonly done: number;
  readonly total: number;
}

/** How a file is fetched. */
export interface DownloadOptions {
  /** Called as bytes arrive, or files are decoded. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Stops. What arrived of a file is kept for the next try. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches a file whole: into `path.part` first, continued there if an earlier try was cut off, checked, then renamed. A file that is
 * there already and right is left alone.
 *
 * @throws UnreachableError where the server does not answer or refuses.
 * @throws DownloadError where the server stops early; what arrived stays in `path.part`.
 * @throws ChecksumError where the bytes are wrong; they are removed.
 */
export async function downloadFile(file: RemoteFile, path: string, options: DownloadOptions = {}): Promise<void> {
  if (await isComplete(file, path)) return;
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  const had = await sizeOf(part);
  const response = await request(file, path, had, options.signal);
  const from = continues(response, had, file.bytes) ? had : 0;
  const target = await open(part, from > 0 ? 'a' : 'w');
  try {
    const hash = createHash('sha256');
    if (from > 0) await pipeline(createReadStream(part), hash, { end: false });
    await receive(response, target, hash, from, file, path, options);
    await target.sync();
    checkHash(file, path, hash);
  } catch (error) {
    if (error instanceof ChecksumError) await rm(part, { force: true });
    throw error;
  } finally {
    await target.close();
  }
  await rename(part, path);
}

async function isComplete({ bytes, sha256 }: RemoteFile, path: string): Promise<boolean> {
  const size = await sizeOf(path);
  if (size === 0) return false;
  if (size === bytes && (await hashFile(path)) === sha256) return true;
  throw new ChecksumError(
    `${path}: must have ${bytes} bytes and SHA-256 ${sha256}, got another file. Remove it and try again.`,
  );
}

/** 0 where there is no such file. */
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function request(file: RemoteFile, path: string, had: number, signal?: AbortSignal): Promise<Response> {
  const range: Record<string, string> = had > 0 && had < file.bytes ? { range: `bytes=${had}-` } : {};
  try {
    const response = await fetch(file.url, {
      headers: { 'accept-encoding': 'identity', ...range },
      ...(signal && { signal }),
    });
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return response;
  } catch (error) {
    throw new UnreachableError(
      `download: ${file.url} must be reachable, got ${reason(error)}. Try again, or put the file at ${path} by hand (${file.bytes} bytes, SHA-256 ${file.sha256}).`,
      { cause: error },
    );
  }
}

/** Whether the answer is the rest of the file from byte `had` on. */
const continues = (response: Response, had: number, total: number): boolean =>
  response.status === 206 && response.headers.get('content-range') === `bytes ${had}-${total - 1}/${total}`;

async function receive(
  response: Response,
  target: FileHandle,
  hash: Hash,
  from: number,
  file: RemoteFile,
  path: string,
  { onProgress }: DownloadOptions,
): Promise<void> {
  let done = from;
  try {
    for await (const chunk of chunksOf(response)) {
      done += chunk.length;
      if (done > file.bytes) throw wrong(file, path, 'more');
      hash.update(chunk);
      await target.writeFile(chunk);
      onProgress?.({ step: 'fetch', done, total: file.bytes });
    }
    if (done < file.bytes) throw new Error('the end of the answer');
  } catch (error) {
    if (error instanceof ChecksumError) throw error;
    throw new DownloadError(
      `download: ${file.url} must send ${file.bytes} bytes, got ${done} and then ${reason(error)}. Run it again: it continues from there.`,
      { cause: error },
    );
  }
}

/** The body as it arrives; the connection is closed where the loop ends early. */
async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (!body) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

function checkHash(file: RemoteFile, path: string, hash: Hash): void {
  const got = hash.digest('hex');
  if (got !== file.sha256) throw wrong(file, path, got);
}

const wrong = ({ url, bytes, sha256 }: RemoteFile, path: string, got: string): ChecksumError =>
  new ChecksumError(
    `download: ${url} must send ${bytes} bytes of SHA-256 ${sha256}, got ${got}. Nothing was kept; try again, or put the right file at ${path}.`,
  );

const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
};
