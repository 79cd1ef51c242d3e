import { constants } from 'node:fs';
import { FileError } from './file-error';
import type { FileFacts } from './file-system';

/** Whether a path may be a link. */
export interface Trust {
  /**
   * `refuse` (default): links and files with more than one name are errors. For paths in folders that others may have made: run folders,
   * unpacked archives.
   * `hard`: files may have several names, as package managers create them; symbolic links are errors. For reading only.
   * `follow`: links are followed. For paths from the user, and for the user's own images.
   */
  readonly links?: 'refuse' | 'hard' | 'follow';
  /** Function to name in errors. */
  readonly who?: string;
}

// Windows has none of these.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants;

/** Flags that open without blocking on a pipe and, if links are refused, without following a link. */
export const safeFlags = ({ links = 'refuse' }: Trust): number =>
  O_NONBLOCK | O_NOCTTY | (links === 'follow' ? 0 : O_NOFOLLOW);

/** @throws FileError unless the open file is a regular file and, if links are refused, has one name. */
export function requireRegular(facts: FileFacts, path: string, { links = 'refuse', who = 'read' }: Trust): void {
  if (!facts.isFile()) throw notRegular(path, kindOf(facts), who);
  // 0 names: the file was replaced since it was opened.
  if (links === 'refuse' && facts.nlink > 1) {
    throw notRegular(path, `a file with ${facts.nlink} names`, who, 'Copy it, and put the copy in its place.');
  }
}

/** The error of a failed open; it names a link that was not to be followed. */
export function openError(error: unknown, path: string, { links = 'refuse', who = 'read' }: Trust): FileError {
  const { code } = error as NodeJS.ErrnoException;
  // FreeBSD says EMLINK. A loop of links, where links are followed, is ELOOP as well.
  if (links !== 'follow' && (code === 'ELOOP' || code === 'EMLINK')) return notRegular(path, 'a link', who);
  if (code === 'ENXIO') return notRegular(path, 'a pipe or device', who);
  // When a file is opened for writing.
  if (code === 'EISDIR') return notRegular(path, 'a folder', who);
  return new FileError({ who, path, must: `be a file that can be ${verb(who)}`, got: error });
}

const verb = (who: string): string => (/write|append/i.test(who) ? 'written' : 'read');

function notRegular(
  path: string,
  got: string,
  who: string,
  next = 'Move it away, or name the file itself.',
): FileError {
  return new FileError({
    who,
    path,
    must: 'be a regular file',
    got,
    next,
    ...(got === 'a folder' && { code: 'EISDIR' }),
  });
}

/** The kind of a file system entry, for messages. */
export function kindOf(facts: FileFacts): string {
  if (facts.isDirectory()) return 'a folder';
  if (facts.isSymbolicLink()) return 'a link';
  return facts.isFIFO() ? 'a pipe' : facts.isFile() ? 'a file' : 'a device or socket';
}
