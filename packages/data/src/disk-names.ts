import { ArchiveError } from './errors';

/** Bytes of a name between slashes, on every common file system. */
const LONGEST = 255;

/**
 * Makes sure that files of an archive can lie beside each other on a disk, before anything is written.
 *
 * @param archive For messages.
 * @throws ArchiveError naming the first that cannot.
 */
export function requireDiskNames(archive: string, paths: readonly string[]): void {
  const files = new Set(paths);
  for (const path of paths) {
    const parts = path.split('/');
    if (parts.some((part) => Buffer.byteLength(part) > LONGEST)) {
      throw unwritable(archive, `a part of more than ${LONGEST} bytes in ${path}`);
    }
    const file = parts.map((_, depth) => parts.slice(0, depth).join('/')).find((folder) => files.has(folder));
    if (file) throw unwritable(archive, `both a file ${file} and ${path} below it`);
  }
}

/** What the system says of a name that this disk cannot have: too long in all, or another's but for upper and lower case. */
const CODES: ReadonlySet<unknown> = new Set(['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']);

/** The error for a file that could not be written, where its name is the reason; any other stays what it is. */
export const nameError = (archive: string, path: string, error: unknown): unknown =>
  error instanceof Error && 'code' in error && CODES.has(error.code)
    ? unwritable(archive, `${path}, and from the system ${error.code}`)
    : error;

const unwritable = (archive: string, what: string): ArchiveError =>
  new ArchiveError(
    `${archive}: images of varying size must have names that fit beside each other on a disk, got ${what}. Rename it and pack the folder again.`,
  );
