import * as fs from 'node:fs/promises';

/** The file system calls of this package. Tests pass others to simulate a failing disk. */
export interface FileSystem {
  /** Creates a folder if it does not exist. */
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  /** Names of a folder's entries. */
  readdir(path: string): Promise<string[]>;
  /** What a path is; for a link, the link itself. */
  lstat(path: string): Promise<FileFacts>;
  /** Opens a file or folder; `flags` are those of `fs.constants`. */
  open(path: string, flags: number): Promise<FileHandle>;
  /** Moves a file in one atomic step; replaces what is there. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file. */
  unlink(path: string): Promise<void>;
}

/** Facts about a file system entry. */
export interface FileFacts {
  /** Whether it is a regular file: no folder, link, pipe or device. */
  isFile(): boolean;
  /** Whether it is a folder, not a link to one. */
  isDirectory(): boolean;
  /** Whether it is a symbolic link. */
  isSymbolicLink(): boolean;
  /** Whether it is a named pipe. */
  isFIFO(): boolean;
  /** Number of names of the file; 0 after it was removed. */
  readonly nlink: number;
  /** Length in bytes. */
  readonly size: number;
  /** Last change of the content, in milliseconds since 1970. */
  readonly mtimeMs: number;
}

/** An open file. */
export interface FileHandle {
  /** Facts about the open file. */
  stat(): Promise<FileFacts>;
  /** Reads up to `length` bytes, maybe fewer; 0 at the end of the file. */
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{
    /** Number of bytes read. */
    bytesRead: number;
  }>;
  /** Writes bytes, maybe fewer than given. */
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): Promise<{
    /** Number of bytes written. */
    bytesWritten: number;
  }>;
  /** Flushes to the disk. */
  sync(): Promise<void>;
  /** Closes it. */
  close(): Promise<void>;
}

/** Node's file system. */
export const nodeFileSystem: FileSystem = fs;
