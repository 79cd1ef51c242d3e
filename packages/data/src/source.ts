import type { Skipped } from '@resnet/files';

/** How far an import is. */
export interface PackProgress {
  /** `hash` looks whether the images are known, at every opening of a folder; `decode` packs them, at the first. */
  readonly step: 'hash' | 'decode';
  /** Images so far, broken ones included. */
  readonly done: number;
  /** Images of all splits. */
  readonly total: number;
}

/** A file of a source, read whole. */
export interface SourceFile {
  /** Relative to the source, with `/` between its parts. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What a source holds, and what it passed over. Paths are relative, with `/` between their parts. */
export interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** What was left out: links to nothing and the like. */
  readonly skipped: readonly Skipped[];
  /** Where a file really is: two paths may lead to one. Null where each is a file of its own. */
  readonly realPath: ((path: string) => string) | null;
}

/** Files to import: a folder or an archive. */
export interface Source {
  readonly kind: 'folder' | 'archive';
  /** As the user wrote it. */
  readonly path: string;
  /**
   * SHA-256 of the content: of a whole archive; of these files of a folder, by their names and bytes.
   *
   * @param onProgress Told how many of the files are hashed.
   */
  key(files: readonly string[], onProgress?: (progress: PackProgress) => void): Promise<string>;
  /**
   * SHA-256 of these files of a folder, in their order; only what changed since it was last hashed is read. Null for an archive.
   *
   * @param onProgress As of `key`.
   */
  readonly digests:
    | ((files: readonly string[], onProgress?: (progress: PackProgress) => void) => Promise<string[]>)
    | null;
  list(): Promise<Listing>;
  /**
   * Every file that `wanted` accepts, one at a time, in no promised order.
   *
   * @throws ChangedError where a file has other bytes than before, also than those of which `key` is: what is made of it would be kept
   *   under the name of something else.
   */
  read(wanted: (path: string) => boolean): AsyncIterable<SourceFile>;
}
