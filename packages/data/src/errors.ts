import { nextMove, printable, reasonOf } from '@resnet/files';
import { FORMAT_NAMES } from './image-formats';

/** What every error of this package is, so that `instanceof DataError` tells bad data from a bug. */
export class DataError extends Error {
  /** `DataError`, in minified code too. */
  override name = 'DataError';

  /** @param message May hold names as an archive has them: control characters are escaped. */
  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
  }
}

/** An archive that ends early, is not a tar, or whose headers are damaged. */
export class ArchiveError extends DataError {
  /** `ArchiveError`, in minified code too. */
  override name = 'ArchiveError';
}

/** An archive that tries to reach outside itself (`..`, absolute names, links) or unpacks to far more than it should. */
export class UnsafeArchiveError extends ArchiveError {
  /** `UnsafeArchiveError`, in minified code too. */
  override name = 'UnsafeArchiveError';
}

/** Bytes that are not the ones promised: wrong length or wrong SHA-256. */
export class ChecksumError extends DataError {
  /** `ChecksumError`, in minified code too. */
  override name = 'ChecksumError';
}

/** Files that change while they are read. */
export class ChangedError extends DataError {
  /** `ChangedError`, in minified code too. */
  override name = 'ChangedError';

  /** @param path What changed. */
  constructor(path: string) {
    super(
      `${path}: must stay as it is while it is read, got other bytes. Wait until whoever writes it is done, and try again.`,
    );
  }
}

/** A file that should be an image and cannot be decoded. */
export class BrokenImageError extends DataError {
  /** `BrokenImageError`, in minified code too. */
  override name = 'BrokenImageError';
  /** What to do next, apart from the message. */
  readonly advice = {
    /** The option that leaves such images out. */
    option: 'onBrokenImage',
  };

  /**
   * @param file The image's path, as its folder or archive names it.
   * @param reason What is wrong with it.
   */
  constructor(
    readonly file: string,
    readonly reason: string,
  ) {
    super(
      `${file}: must be a ${FORMAT_NAMES} image, got ${reason}. Repair or remove it; \`resnet data check\` lists all such images.`,
    );
  }
}

/** Folders that do not form classes: none at all, one without images, or a split that is not there. */
export class LayoutError extends DataError {
  /** `LayoutError`, in minified code too. */
  override name = 'LayoutError';
  /** The caller can avoid it: the `resnet` command exits with 2. */
  readonly usage = true;
}

/** A label that names no class. */
export class LabelError extends DataError {
  /** `LabelError`, in minified code too. */
  override name = 'LabelError';
}

/** A path or name that is no data set. */
export class NotFoundError extends DataError {
  /** `NotFoundError`, in minified code too. */
  override name = 'NotFoundError';
  /** The caller can avoid it: the `resnet` command exits with 2. */
  readonly usage = true;
}

/** A download that could not be finished; what arrived is kept for the next try. */
export class DownloadError extends DataError {
  /** `DownloadError`, in minified code too. */
  override name = 'DownloadError';
}

/** A download whose server does not answer, or refuses. */
export class UnreachableError extends DownloadError {
  /** `UnreachableError`, in minified code too. */
  override name = 'UnreachableError';
}

/** A thread that makes batches or decodes images died: out of memory as a rule, or ended by something else. */
export class WorkerError extends DataError {
  /** `WorkerError`, in minified code too. */
  override name = 'WorkerError';

  /**
   * @param task What the threads were doing.
   * @param threads How many there were.
   * @param reason What is known of the end.
   */
  constructor(task: string, threads: number, reason: unknown) {
    super(
      `workers: all ${threads} threads of ${task} must live until it is done, got one that died ` +
        `(${reason instanceof Error ? reason.message : reason}). Use fewer workers or smaller batches, then resume the run.`,
      { cause: reason },
    );
  }
}

/** The cache cannot be written: its disk is full or read-only. */
export class CacheError extends DataError {
  /** `CacheError`, in minified code too. */
  override name = 'CacheError';

  /**
   * @param path What could not be written.
   * @param cause What the system says.
   */
  constructor(path: string, cause: unknown) {
    super(
      `cache: ${path} must be writable, got ${reasonOf(cause)}. ${nextMove(cause)} Or set RESNET_CACHE to another folder.`,
      { cause },
    );
  }
}
