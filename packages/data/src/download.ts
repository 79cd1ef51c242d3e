import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  acquireLock,
  codeOf,
  type Lock,
  makeFolder,
  move,
  moveDurably,
  nextMove,
  openToAppend,
  reasonOf,
  remove,
  sweepAbandoned,
  temporaryName,
} from '@resnet/files';
import { ChecksumError, DownloadError, UnreachableError } from './errors';
import { hashFile } from './hash';

/** A file on the net and what it must be. */
export interface RemoteFile {
  /** Its address, HTTP or HTTPS. */
  readonly url: string;
  /** How long it must be; left out where only its server knows. */
  readonly bytes?: number;
  /** In hex; its beginning will do, as publishers of weights put it into names of files. */
  readonly sha256: string;
}

/** How far a download is. */
export interface DownloadProgress {
  /** `fetch` counts bytes, `decode` files. */
  readonly step: 'fetch' | 'decode';
  /** Bytes or files so far. */
  readonly done: number;
  /** Bytes or files in all. */
  readonly total: number;
}

/** How a file is fetched. */
export interface DownloadOptions {
  /** Called as bytes arrive, or files are decoded. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Stops. What arrived of a file is kept for the next try. */
  readonly signal?: AbortSignal | undefined;
  /** Gives up where nothing arrives for so long. Default 60. */
  readonly stallSeconds?: number | undefined;
}

const trust = { who: 'download' };

/**
 * Fetches a file whole: into `path.part` first, continued there if an earlier try was cut off, checked, then renamed. A file that is
 * there already and right is left alone. One process at a time fetches to a place; what a server sends anew replaces a part when it is whole
 * or longer.
 *
 * @throws UnreachableError where the server does not answer or refuses.
 * @throws DownloadError where the server stops early; what arrived stays in `path.part`.
 * @throws ChecksumError where the bytes are wrong; they are removed.
 */
export async function downloadFile(file: RemoteFile, path: string, options: DownloadOptions = {}): Promise<void> {
  if (await isComplete(file, path)) return;
  await makeFolder(dirname(path), trust);
  sweepAbandoned(dirname(path), { links: 'follow' });
  const lock = lockPart(`${path}.part`);
  try {
    await fetchInto(file, path, options);
  } finally {
    lock.release();
  }
}

/** What one process writes, another must not. */
function lockPart(part: string): Lock {
  try {
    return acquireLock(`${part}.lock`);
  } catch (error) {
    throw new DownloadError(`download: ${reasonOf(error)}.`, { cause: error });
  }
}

async function fetchInto(file: RemoteFile, path: string, options: DownloadOptions): Promise<void> {
  const part = `${path}.part`;
  const had = await sizeOf(part);
  const stall = stalling(options);
  try {
    const response = await request(file, path, had, stall.signal);
    const { from, total } = extentOf(response, had, file);
    await requireKind(response, file, path, total === null ? null : total - from);
    // A server that begins anew must not cost what is there already.
    const target = from > 0 ? part : temporaryName(part);
    try {
      await receive(response, { target, from, total, file, path }, options, stall);
      await requireContent(file, total, target, path);
    } catch (error) {
      if (error instanceof ChecksumError) await remove(target, trust);
      else if (target !== part) await keepLonger(target, part);
      throw error;
    }
    await moveDurably(target, path, trust);
    if (target !== part) await remove(part, trust);
  } finally {
    stall.end();
  }
}

/** Of two beginnings of a file the longer one is kept. */
async function keepLonger(target: string, part: string): Promise<void> {
  if ((await sizeOf(target)) > (await sizeOf(part))) await move(target, part, trust);
  else await remove(target, trust);
}

async function isComplete(file: RemoteFile, path: string): Promise<boolean> {
  const size = await sizeOf(path);
  if (size === 0) return false;
  if (size === (file.bytes ?? size) && (await hashFile(path)).startsWith(file.sha256)) return true;
  throw new ChecksumError(`${path}: must have ${described(file)}, got another file. Remove it and try again.`);
}

/** What a file must be, in words. */
const described = ({ bytes, sha256 }: RemoteFile): string =>
  `${bytes === undefined ? '' : `${bytes} bytes, `}SHA-256 ${sha256}${sha256.length < 64 ? '…' : ''}`;

/** 0 where there is no such file. */
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function request(file: RemoteFile, path: string, had: number, signal: AbortSignal): Promise<Response> {
  const ask = (range: Record<string, string>) =>
    fetch(file.url, { headers: { 'accept-encoding': 'identity', ...range }, signal });
  try {
    const asked = await ask(
      had > 0 && had < (file.bytes ?? Number.POSITIVE_INFINITY) ? { range: `bytes=${had}-` } : {},
    );
    // Nothing comes after what is there, whose length may not be the file's: from the start.
    const response = asked.status === 416 ? await ask({}) : asked;
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return response;
  } catch (error) {
    throw new UnreachableError(
      `download: ${file.url} must be reachable, got ${reason(error)}. Try again, or put the file at ${path} by hand (${described(file)}).`,
      { cause: error },
    );
  }
}

/** Which bytes of the file an answer has: the rest of it from byte `had` on, or all; and how many there are, null where nobody says. */
function extentOf(response: Response, had: number, { bytes }: RemoteFile): { from: number; total: number | null } {
  const [, start, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  const total = Number(size);
  const isRest =
    response.status === 206 && Number(start) === had && Number(last) === total - 1 && total === (bytes ?? total);
  if (isRest) return { from: had, total };
  const length = response.headers.get('content-length');
  return { from: 0, total: bytes ?? (length === null ? null : Number(length)) };
}

/** A page that says something instead of the file: a login, an error with status 200. */
async function requireKind(response: Response, file: RemoteFile, path: string, expected: number | null): Promise<void> {
  const kind = response.headers.get('content-type') ?? '';
  const length = response.headers.get('content-length');
  const got = /^text\/html/i.test(kind)
    ? `a page of ${kind}`
    : length && expected !== null && Number(length) !== expected
      ? `${length} bytes`
      : null;
  if (got === null) return;
  await response.body?.cancel();
  throw new UnreachableError(
    `download: ${file.url} must send ${expected === null ? 'a file' : `${expected} bytes`}, got ${got}. What arrived before is kept; try again, or put the file at ${path} by hand.`,
  );
}

interface Transfer {
  readonly file: RemoteFile;
  /** Where the file goes when it is whole. */
  readonly path: string;
  /** Where its bytes go. */
  readonly target: string;
  /** The first byte that is sent. */
  readonly from: number;
  /** Bytes of the file; null where nobody says. */
  readonly total: number | null;
}

async function receive(
  response: Response,
  { file, path, target, from, total }: Transfer,
  { onProgress }: DownloadOptions,
  stall: Stall,
): Promise<void> {
  const output = await openToAppend(target, trust.who);
  let done = from;
  try {
    for await (const chunk of chunksOf(response)) {
      stall.alive();
      done += chunk.length;
      if (total !== null && done > total) throw wrong(file, path, 'more');
      await output.appendFile(chunk);
      onProgress?.({ step: 'fetch', done, total: total ?? done });
    }
    await output.sync();
    if (total !== null && done < total) throw new Error('the end of the answer');
  } catch (error) {
    if (error instanceof ChecksumError) throw error;
    const next = codeOf(error) ? nextMove(error) : 'Run it again: it continues from there.';
    throw new DownloadError(
      `download: ${file.url} must send ${total ?? 'all'} bytes, got ${done} and then ${reason(error)}. ${next}`,
      { cause: error },
    );
  } finally {
    await output.close();
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
    await reader.cancel().catch(() => undefined);
  }
}

interface Stall {
  readonly signal: AbortSignal;
  /** To be called as bytes arrive. */
  alive(): void;
  end(): void;
}

/** Gives up a server from which nothing arrives. */
function stalling({ signal, stallSeconds = 60 }: DownloadOptions): Stall {
  const silent = new AbortController();
  const giveUp = () => silent.abort(new Error(`nothing for ${stallSeconds} s`));
  const timer = setTimeout(giveUp, 1000 * stallSeconds);
  return {
    signal: signal ? AbortSignal.any([signal, silent.signal]) : silent.signal,
    alive: () => void timer.refresh(),
    end: () => clearTimeout(timer),
  };
}

/** Of the file as it lies on the disk, not of what was received: others may have written into it. */
async function requireContent(file: RemoteFile, total: number | null, target: string, path: string): Promise<void> {
  const size = await sizeOf(target);
  const got = size === (total ?? size) ? await hashFile(target, 'sha256', 'hex', {}) : `${size} bytes`;
  if (!got.startsWith(file.sha256)) throw wrong(file, path, got);
}

const wrong = (file: RemoteFile, path: string, got: string): ChecksumError =>
  new ChecksumError(
    `download: ${file.url} must send ${described(file)}, got ${got}. Nothing was kept; try again, or put the right file at ${path}.`,
  );

const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
};
