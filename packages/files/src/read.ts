import * as fs from 'node:fs';
import type { Readable } from 'node:stream';
import { FileError } from './file-error';
import { type FileSystem, nodeFileSystem } from './file-system';
import { openError, requireRegular, safeFlags, type Trust } from './regular';

/** How a file is read. */
export interface ReadOptions extends Trust {
  /** Largest accepted size in bytes, checked before any allocation. Default: 2 GiB − 1. */
  readonly maxBytes?: number;
}

/** The bytes of a file to read as a stream. */
export interface StreamOptions extends Trust {
  /** First byte. Default: 0. */
  readonly start?: number;
  /** Last byte, inclusive. Default: that of the file. */
  readonly end?: number;
  /** Bytes per chunk. Default: 256 KiB. */
  readonly chunk?: number;
}

const { O_RDONLY } = fs.constants;
/** Most bytes that are read at once, unless told otherwise. */
export const DEFAULT_MAX = 2 ** 31 - 1;
const CHUNK = 1 << 16;

/**
 * Opens a regular file for reading; the caller closes it. Does not block on a pipe.
 *
 * @throws FileError for a pipe, a device, a folder and, unless links are followed, a link.
 */
export async function openFile(path: string, trust: Trust = {}): Promise<fs.promises.FileHandle> {
  const file = await fs.promises.open(path, O_RDONLY | safeFlags(trust)).catch((error) => {
    throw openError(error, path, trust);
  });
  try {
    requireRegular(await file.stat(), path, trust);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A regular file as a stream of bytes. The file is closed when the stream ends or is destroyed. Errors: those of {@link openFile}. */
export async function streamFile(path: string, options: StreamOptions = {}): Promise<Readable> {
  const { start, end, chunk = 1 << 18, ...trust } = options;
  const file = await openFile(path, trust);
  return file.createReadStream({
    highWaterMark: chunk,
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
  });
}

/**
 * All bytes of a regular file.
 *
 * @throws FileError if it is no regular file, cannot be read, or has more than `maxBytes`.
 */
export async function readBytes(
  path: string,
  options: ReadOptions = {},
  system: FileSystem = nodeFileSystem,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = await system.open(path, O_RDONLY | safeFlags(options)).catch((error) => {
    throw openError(error, path, options);
  });
  try {
    const facts = await file.stat();
    requireRegular(facts, path, options);
    const into = new Filling(path, facts.size, options);
    while (into.wants) into.took((await file.read(into.buffer, into.length, into.space, into.length)).bytesRead);
    return into.bytes();
  } catch (error) {
    throw readError(error, path, options);
  } finally {
    await file.close();
  }
}

/** Synchronous {@link readBytes}. */
export function readBytesSync(path: string, options: ReadOptions = {}): Uint8Array<ArrayBuffer> {
  const file = openSync(path, O_RDONLY | safeFlags(options), options);
  try {
    const facts = fs.fstatSync(file);
    requireRegular(facts, path, options);
    const into = new Filling(path, facts.size, options);
    while (into.wants) into.took(fs.readSync(file, into.buffer, into.length, into.space, into.length));
    return into.bytes();
  } catch (error) {
    throw readError(error, path, options);
  } finally {
    fs.closeSync(file);
  }
}

/** A regular file as UTF-8 text. Errors: those of {@link readBytes}. */
export const readText = async (path: string, options: ReadOptions = {}): Promise<string> =>
  new TextDecoder().decode(await readBytes(path, options));

/** Synchronous {@link readText}. */
export const readTextSync = (path: string, options: ReadOptions = {}): string =>
  new TextDecoder().decode(readBytesSync(path, options));

function openSync(path: string, flags: number, trust: Trust): number {
  try {
    return fs.openSync(path, flags);
  } catch (error) {
    throw openError(error, path, trust);
  }
}

const readError = (error: unknown, path: string, { who = 'read' }: Trust): FileError =>
  error instanceof FileError ? error : new FileError({ who, path, must: 'be readable', got: error });

/** A buffer that grows or shrinks to the content. The reported size may be wrong: files of /proc have 0, and files may shrink. */
class Filling {
  length = 0;
  wants = true;
  buffer: Uint8Array<ArrayBuffer>;
  private readonly size: number;

  constructor(
    private readonly path: string,
    size: number,
    private readonly options: ReadOptions,
  ) {
    if (size > this.max) throw this.tooLarge(size);
    this.size = size;
    this.buffer = new Uint8Array(size || CHUNK);
  }

  get space(): number {
    return this.buffer.length - this.length;
  }

  took(bytes: number): void {
    this.length += bytes;
    this.wants = bytes > 0 && this.length !== this.size;
    if (this.length > this.max) throw this.tooLarge(this.length);
    if (this.space > 0 || !this.wants) return;
    const larger = new Uint8Array(2 * this.length + CHUNK);
    larger.set(this.buffer);
    this.buffer = larger;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.length);
  }

  private get max(): number {
    return this.options.maxBytes ?? DEFAULT_MAX;
  }

  private tooLarge(size: number): FileError {
    return tooLarge(this.path, size, this.max, this.options);
  }
}

/** The error of a file of `size` bytes, more than `max`. */
export const tooLarge = (path: string, size: number, max: number, { who = 'read' }: Trust): FileError =>
  new FileError({ who, path, must: `have at most ${max} bytes`, got: size, next: 'Is it the right file?' });
