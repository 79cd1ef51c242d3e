import * as fs from 'node:fs';
import { DEFAULT_MAX, tooLarge } from './read';
import { openError, requireRegular, safeFlags } from './regular';

/** A log open for appending. Each write goes to the system at once, so that `kill -9` loses nothing written before. */
export interface AppendFile {
  /** All its bytes; at most 2 GiB − 1. */
  read(): Uint8Array;
  /** Cuts it to `length` bytes. */
  truncate(length: number): void;
  /** Writes all of `bytes` at the end. */
  append(bytes: Uint8Array): void;
  /** Flushes to the disk. */
  sync(): void;
  /** Closes it. */
  close(): void;
}

const { O_APPEND, O_CREAT, O_RDWR } = fs.constants;

/**
 * Opens a file to cut it and to append to it; creates it if it does not exist. Refuses links and files with several names, so that a
 * log in a folder of others cannot lead to another file.
 *
 * @throws FileError for anything but a regular file with one name.
 */
export function appendFile(path: string, who = 'appendFile'): AppendFile {
  const file = openRegular(path, who);
  return {
    read: () => readAll(file, path, who),
    truncate: (length) => fs.ftruncateSync(file, length),
    append: (bytes) => fs.writeFileSync(file, bytes),
    sync: () => fs.fsyncSync(file),
    close: () => fs.closeSync(file),
  };
}

/**
 * Opens a file to append to it and to read it, without blocking the thread; the caller closes it. Creates and refuses files like
 * {@link appendFile}.
 */
export async function openToAppend(path: string, who = 'openToAppend'): Promise<fs.promises.FileHandle> {
  const file = await fs.promises.open(path, O_RDWR | O_APPEND | O_CREAT | safeFlags({})).catch((error) => {
    throw openError(error, path, { who });
  });
  try {
    requireRegular(await file.stat(), path, { who });
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function openRegular(path: string, who: string): number {
  let file: number;
  try {
    file = fs.openSync(path, O_RDWR | O_APPEND | O_CREAT | safeFlags({}));
  } catch (error) {
    throw openError(error, path, { who });
  }
  try {
    requireRegular(fs.fstatSync(file), path, { who });
    return file;
  } catch (error) {
    fs.closeSync(file);
    throw error;
  }
}

function readAll(file: number, path: string, who: string): Uint8Array {
  const { size } = fs.fstatSync(file);
  if (size > DEFAULT_MAX) throw tooLarge(path, size, DEFAULT_MAX, { who });
  const bytes = new Uint8Array(size);
  let length = 0;
  for (let took = 1; took > 0 && length < bytes.length; length += took) {
    took = fs.readSync(file, bytes, length, bytes.length - length, length);
  }
  return bytes.subarray(0, length);
}
