import * as fs from 'node:fs/promises';

/** The few calls that checkpoints are written with. Tests hand in one that fails. */
export interface FileSystem {
  /** Makes a folder; one that exists is fine. */
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  /** Names of what a folder holds. */
  readdir(path: string): Promise<string[]>;
  /** What a path, behind links, leads to. */
  stat(path: string): Promise<FileKind>;
  /** All bytes of a file. */
  readFile(path: string): Promise<Uint8Array>;
  /** A file, to write it anew, or a file or folder to flush it. */
  open(path: string, flags: 'r' | 'w'): Promise<FileHandle>;
  /** Moves a file, in one step, over what is there. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file. */
  unlink(path: string): Promise<void>;
}

/** What something on the disk is. */
export interface FileKind {
  /** A regular file: no folder, no pipe, no device. */
  isFile(): boolean;
}

/** An open file. */
export interface FileHandle {
  /** May write less than asked for. */
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): Promise<{
    /** How many of them the system took. */
    bytesWritten: number;
  }>;
  /** Flushes to the disk. */
  sync(): Promise<void>;
  /** Lets go of it. */
  close(): Promise<void>;
}

/** The real one. */
export const nodeFileSystem: FileSystem = fs;
