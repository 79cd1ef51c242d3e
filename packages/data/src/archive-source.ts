import type { BigIntStats } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { openFile } from '@resnet/files';
import { Parser, type ReadEntry } from 'tar';
import { ArchiveError, ChangedError, DataError, UnsafeArchiveError } from './errors';
import { hashFile } from './hash';
import type { Listing, Source, SourceFile } from './source';

/** Limits on what an archive may unpack to. */
export interface ArchiveLimits {
  /** Unpacked bytes a byte of archive; images and CIFAR's files stay below 10. Default 100. */
  readonly maxRatio?: number;
  /** Bytes of one file. Default 256 MiB; CIFAR-100's largest has 154 MB. */
  readonly maxFileBytes?: number;
}

/** Small archives may exceed the ratio up to here: a tar of tiny files is mostly padding. */
const ALWAYS_ALLOWED = 64 << 20;

/**
 * A `.tar` or `.tar.gz`, read as a stream and never unpacked to disk by this function.
 * Names with `..`, absolute names, links and devices are refused, and so is what unpacks to more than `limits`.
 */
export function archiveSource(path: string, limits: ArchiveLimits = {}): Source {
  let listing: Promise<Listing> | undefined;
  let key: Promise<string> | undefined;
  let first: BigIntStats | undefined;
  // Before each look and after: what was hashed must be what was listed and read.
  const requireUnchanged = async () => {
    const now = await stat(path, { bigint: true });
    first ??= now;
    const facts = ['ino', 'size', 'mtimeNs', 'ctimeNs'] as const;
    if (facts.some((fact) => first?.[fact] !== now[fact])) throw new ChangedError(path);
  };
  const unchanged = async <T>(look: () => Promise<T>): Promise<T> => {
    await requireUnchanged();
    const result = await look();
    await requireUnchanged();
    return result;
  };
  return {
    kind: 'archive',
    path,
    key: () => (key ??= unchanged(() => hashFile(path))),
    digests: null,
    list: () => (listing ??= unchanged(() => listArchive(path, limits))),
    async *read(wanted): AsyncGenerator<SourceFile> {
      await requireUnchanged();
      for await (const entry of entries(path, limits, wanted))
        if (entry.bytes) yield { path: entry.path, bytes: entry.bytes };
      await requireUnchanged();
    },
  };
}

async function listArchive(path: string, limits: ArchiveLimits): Promise<Listing> {
  const files: string[] = [];
  const folders: string[] = [];
  for await (const { path: name, folder } of entries(path, limits, () => false)) (folder ? folders : files).push(name);
  if (new Set(files).size < files.length) throw damaged(path, new Error('two files have one name'));
  return { files, folders, skipped: [], realPath: null };
}

interface Entry {
  readonly path: string;
  readonly folder: boolean;
  /** Null where it was not wanted. */
  readonly bytes: Uint8Array | null;
}

/** Walks an archive in its own order, holding no more than one chunk's entries. */
async function* entries(path: string, limits: ArchiveLimits, wanted: (path: string) => boolean): AsyncGenerator<Entry> {
  let finished: Entry[] = [];
  let failure: unknown;
  let complete = false;
  const parser = new Parser({
    strict: true,
    // What is compressed once more would be unpacked by the parser, behind the back of our limits.
    gzip: false,
    brotli: false,
    zstd: false,
    onReadEntry: (entry) => {
      try {
        collect(entry, path, limits, wanted, (done) => finished.push(done));
      } catch (error) {
        failure ??= error;
        entry.resume();
      }
    },
  });
  parser.on('ignoredEntry', (entry: ReadEntry) => {
    failure ??= unreadable(entry, path);
  });
  parser.on('error', (error) => {
    failure ??= error;
  });
  parser.on('eof', () => {
    complete = true;
  });
  try {
    for await (const chunk of unpacked(path, limits)) {
      if (!complete) parser.write(chunk);
      if (failure) throw failure;
      yield* finished;
      finished = [];
    }
  } catch (error) {
    throw error instanceof DataError ? error : damaged(path, error);
  }
  if (!complete) throw damaged(path, new Error('it ends without the end-of-archive mark'));
}

/** What tar's parser passes over without an error: sparse files, types it does not know, and more than 1 MiB about the next entry. */
const unreadable = ({ path, type, size }: ReadEntry, archive: string): ArchiveError =>
  new ArchiveError(
    `${archive}: must hold plain files and folders, got ${JSON.stringify(path)} of type ${type} with ${size} bytes. Pack the folder again with plain tar, or leave it out.`,
  );

const damaged = (path: string, cause: unknown): ArchiveError =>
  new ArchiveError(
    `${path}: must be a whole .tar or .tar.gz, got a damaged one (${cause instanceof Error ? cause.message : cause}). Fetch it again.`,
    { cause },
  );

function collect(
  entry: ReadEntry,
  archive: string,
  { maxFileBytes = 256 << 20 }: ArchiveLimits,
  wanted: (path: string) => boolean,
  done: (entry: Entry) => void,
): void {
  const folder = entry.type === 'Directory';
  const path = safePath(entry, archive);
  if (entry.size > maxFileBytes) {
    throw new UnsafeArchiveError(
      `${archive}: files must have at most ${maxFileBytes} bytes, got ${entry.size} in ${path}.`,
    );
  }
  if (folder || !wanted(path)) {
    entry.resume();
    if (path) done({ path, folder, bytes: null });
    return;
  }
  const chunks: Buffer[] = [];
  entry.on('data', (chunk) => chunks.push(chunk));
  entry.on('end', () => done({ path, folder, bytes: Buffer.concat(chunks) }));
}

/** The entry's path without `./` and a last `/`. */
function safePath(entry: ReadEntry, archive: string): string {
  const refuse = (what: string) =>
    new UnsafeArchiveError(
      `${archive}: must hold plain files and folders below itself, got ${what}. Do not trust this archive.`,
    );
  const named = JSON.stringify(entry.path);
  if (!['File', 'OldFile', 'ContiguousFile', 'Directory', 'GNUDumpDir'].includes(entry.type)) {
    throw refuse(`a ${entry.type} named ${named}`);
  }
  const parts = entry.path.split(/[\\/]/);
  if (parts[0] === '' || /^[a-z]:/i.test(entry.path)) throw refuse(`the absolute name ${named}`);
  if (parts.includes('..')) throw refuse(`the name ${named}`);
  if (entry.path.includes('\0')) throw refuse(`the name ${named}`);
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}

/** The archive's tar bytes. Counts them, so that a bomb ends here; what is compressed another way, or once more, is refused. */
async function* unpacked(path: string, { maxRatio = 100 }: ArchiveLimits): AsyncGenerator<Buffer> {
  const handle = await openFile(path, { links: 'follow', who: 'archive' });
  const { size } = await handle.stat();
  const limit = Math.max(ALWAYS_ALLOWED, size * maxRatio);
  const magic = await firstBytes(handle);
  const isGzip = compressionOf(magic) === 'gzip';
  if (!isGzip) requirePlainTar(path, magic, '');
  const file = handle.createReadStream({ start: 0, highWaterMark: 1 << 18 });
  const stream: Readable = isGzip ? file.pipe(createGunzip({ chunkSize: 1 << 18 })) : file;
  file.on('error', (error) => stream.destroy(error));
  let total = 0;
  try {
    for await (const chunk of stream) {
      if (total === 0) requirePlainTar(path, chunk, isGzip ? ' once more' : '');
      total += chunk.length;
      if (total > limit) {
        throw new UnsafeArchiveError(
          `${path}: must unpack to at most ${limit} bytes (${maxRatio} times its size), got more. If it can be trusted, raise maxRatio.`,
        );
      }
      yield chunk;
    }
  } finally {
    file.destroy();
    stream.destroy();
  }
}

/** How compressed files begin. */
const COMPRESSIONS: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf]],
];

/** In a tar, a file's name begins here; bzip2 and zip start with letters, which 257 bytes later `ustar` tells apart. */
const compressionOf = (bytes: Uint8Array): string | null => {
  if (Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar') return null;
  return COMPRESSIONS.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte))?.[0] ?? null;
};

function requirePlainTar(path: string, bytes: Uint8Array, again: string): void {
  const found = compressionOf(bytes);
  if (found === null) return;
  throw new UnsafeArchiveError(
    `${path}: must be a .tar or .tar.gz, got one that is compressed${again} (${found}). Unpack it, and pack the folder with tar.`,
  );
}

async function firstBytes(file: FileHandle): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
  return buffer.subarray(0, bytesRead);
}
