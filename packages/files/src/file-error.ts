import { codeOf, nextMove, reasonOf } from './next-move';
import { printable } from './printable';

/** What a {@link FileError} is made of. */
export interface FileFault {
  /** Function that failed. */
  readonly who: string;
  /** The file or folder. */
  readonly path: string;
  /** What must hold of it, behind `must`: `be readable`. */
  readonly must: string;
  /** What was found instead, in words or as the system's error. */
  readonly got: unknown;
  /** The system's code, where `got` is no error of the system. */
  readonly code?: string;
  /** What to do. Default: what the system's error asks for. */
  readonly next?: string;
}

/** A file or folder cannot be used: the system refuses it, or it is not what it must be. The message says what to do. */
export class FileError extends Error {
  /** `FileError`, in minified code too. */
  override name = 'FileError';
  /** As it was given. */
  readonly path: string;
  /** The system's code, `ENOSPC` for example; null where the system did not fail. */
  readonly code: string | null;

  constructor({ who, path, must, got, code, next = nextMove(got) }: FileFault) {
    super(printable(`${who}: ${path} must ${must}, got ${reasonOf(got)}. ${next}`), {
      ...(got instanceof Error && { cause: got }),
    });
    this.path = path;
    this.code = code ?? codeOf(got);
  }
}
