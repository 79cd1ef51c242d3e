import { dirname } from 'node:path';
import { TrainError } from '../errors';
import { type FileHandle, type FileSystem, nodeFileSystem } from './file-system';

/** A file could not be written: the disk is full, the folder read-only or gone. What was there before is still there; the system's error is in `cause`. */
export class WriteError extends TrainError {
  /** `WriteError`, in minified code too. */
  override name = 'WriteError';

  constructor(
    /** The file that was to be replaced. */
    readonly path: string,
    cause: unknown,
  ) {
    super(
      `writeDurably: ${path} must be writable, got ${cause instanceof Error ? cause.message : cause}. Make room or mend the folder.`,
      { cause },
    );
  }
}

const suffix = '.writing.tmp';

/** Whether a name is that of a file that `writeDurably` has not finished, or never will. */
export const isTemporary = (name: string): boolean => name.endsWith(suffix);

/**
 * Replaces a file so that a crash at any moment, of the process or of the machine, leaves the old content or the new
 * one: temporary file beside it, all bytes, fsync, rename, fsync of the folder.
 *
 * @throws WriteError naming the file.
 */
export async function writeDurably(path: string, bytes: Uint8Array, fs: FileSystem = nodeFileSystem): Promise<void> {
  const temporary = `${path}${suffix}`;
  try {
    await withFile(await fs.open(temporary, 'w'), async (file) => {
      await writeAll(file, bytes);
      await file.sync();
    });
    await fs.rename(temporary, path);
    await syncFolder(dirname(path), fs);
  } catch (error) {
    await fs.unlink(temporary).catch(() => undefined);
    throw new WriteError(path, error);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, offset, bytes.length - offset);
    if (bytesWritten === 0) throw new Error('a write that took no bytes');
    offset += bytesWritten;
  }
}

/** Flushes the names in a folder. Windows can't open a folder, and keeps renames safe by itself. */
export async function syncFolder(folder: string, fs: FileSystem = nodeFileSystem): Promise<void> {
  if (process.platform === 'win32') return;
  await withFile(await fs.open(folder, 'r'), (file) => file.sync());
}

async function withFile(file: FileHandle, use: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
