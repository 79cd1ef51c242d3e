/** A file of a source, read whole. */
export interface SourceFile {
  /** Relative to the source, with `/` between its parts. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What a source holds. Paths are relative, with `/` between their parts. */
export interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Files to import: a folder or an archive. */
export interface Source {
  readonly kind: 'folder' | 'archive';
  /** As the user wrote it. */
  readonly path: string;
  /** SHA-256 of the content. */
  key(): Promise<string>;
  list(): Promise<Listing>;
  /** Every file that `wanted` accepts, one at a time, in no promised order. */
  read(wanted: (path: string) => boolean): AsyncIterable<SourceFile>;
}
