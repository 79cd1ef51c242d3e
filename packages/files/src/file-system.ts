import * as fs from 'node:fs/promises';

/** The calls that this package makes where a caller may hand in others: tests hand in a disk that fails. */
export interface FileSystem {
  /** Makes a folder; one that exists is fine. */
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  /** Names of what a folder holds. */
  readdir(path: string): Promise<string[]>;
  /** What a path is; of a link, the link itself. */
  lstat(path: string): Promise<FileFacts>;
  /** Opens a file or folder; `flags` are those of `fs.constants`. */
  open(path: string, flags: number): Promise<FileHandle>;
  /** Moves a file, in one step, over what is there. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file. */
  unlink(path: string): Promise<void>;
}

/** What something on the disk is. */
export interface FileFacts {
  /** A regular file: no folder, no link, no pipe, no device. */
  isFile(): boolean;
  /** A folder, no link to one. */
  isDirectory(): boolean;
  /** A symbolic link. */
  isSymbolicLink(): boolean;
  /** A named pipe. */
  isFIFO(): boolean;
  /** Names that the file has; 0 once it is removed. */
  readonly nlink: number;
  /** Bytes. */
  readonly size: number;
  /** When its content changed, in milliseconds since 1970. */
  readonly mtimeMs: number;
}

/** An open file. */
export interface FileHandle {
  /** What was opened. */
  stat(): Promise<FileFacts>;
  /** May read less than asked for; 0 bytes at the end. */
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{
    /** How many came. */
    bytesRead: number;
  }>;
  /** May write less than asked for. */
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): Promise<{
    /** How many the system took. */
    bytesWritten: number;
  }>;
  /** Flushes to the disk. */
  sync(): Promise<void>;
  /** Closes it. */
  close(): Promise<void>;
}

/** Node's own. */
export const nodeFileSystem: FileSystem = fs;
