import { codeOf, nextMove, reasonOf } from './next-move';
import { printable } from './printable';

/** The parts of a {@link FileError}. */
export interface FileFault {
  /** Function that failed. */
  readonly who: string;
  /** The file or folder. */
  readonly path: string;
  /** What must hold, after the word `must`: `be readable`. */
  readonly must: string;
  /** What was found instead: a phrase or the system's error. */
  readonly got: unknown;
  /** The system's error code, if `got` is a phrase. */
  readonly code?: string;
  /** What to do. Default: {@link nextMove} of the system's error. */
  readonly next?: string;
}

/** A file or folder that cannot be used. The message says why and what to do. */
export class FileError extends Error {
  /** `FileError`, in minified code too. */
  override name = 'FileError';
  /** The path, as given. */
  readonly path: string;
  /** The system's error code, for example `ENOSPC`; null if the system reported no error. */
  readonly code: string | null;

  constructor({ who, path, must, got, code, next = nextMove(got) }: FileFault) {
    super(printable(`${who}: ${path} must ${must}, got ${reasonOf(got)}. ${next}`), {
      ...(got instanceof Error && { cause: got }),
    });
    this.path = path;
    this.code = code ?? codeOf(got);
  }
}
