/** What to do about a system error, by its code. */
const moves: Readonly<Record<string, string>> = {
  EACCES: 'Change its permissions, or choose another place.',
  EAGAIN: 'The system has reached a limit: raise the limit on processes (ulimit -u), or use fewer threads.',
  EBUSY: 'Something else uses it: stop that, then try again.',
  EDQUOT: 'The disk quota is used up: remove files, or request more.',
  EEXIST: 'Move away what is there, or choose another name.',
  EFBIG: 'Raise the limit on file sizes (ulimit -f), or choose another file system.',
  EIO: 'The device failed: check it (dmesg), and choose another disk.',
  EISDIR: 'It is a folder: name a file.',
  ELOOP: 'Its links lead in a circle, or are refused here: name the file itself.',
  EMFILE: 'Raise the limit on open files (ulimit -n).',
  EMLINK: 'Remove links to it, or choose another place.',
  ENAMETOOLONG: 'Choose a shorter name.',
  ENFILE: 'The system has no more open files: close programs, or raise fs.file-max.',
  ENODEV: 'Its device is gone: attach it again.',
  ENOENT: 'Check the path.',
  ENOMEM: 'Free memory, then try again.',
  ENOSPC: 'Make room on its disk, or choose another.',
  ENOTDIR: 'A part of the path is not a folder: check it.',
  ENOTEMPTY: 'Move away what is there, or choose another name.',
  ENXIO: 'It is a device or pipe without another end: name a regular file.',
  EPERM: 'The system does not allow it: change owner or attributes, or choose another place.',
  EROFS: 'The file system is read-only: mount it for writing, or choose another place.',
  ESTALE: 'The network file system no longer has it: mount the file system again.',
  ETIMEDOUT: 'The network file system does not answer: check it, then try again.',
  ETXTBSY: 'A program runs from it: stop that, or choose another name.',
};

/** The code of a system error, for example `ENOSPC`; null for other errors. */
export const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

/** What to do about a system error, as a sentence. */
export const nextMove = (error: unknown): string =>
  moves[codeOf(error) ?? ''] ?? 'Check the path, its permissions and its disk.';

/** The message of an error, without its final full stop; for an error that wraps a system error, that of the system error. */
export function reasonOf(error: unknown): string {
  if (codeOf(error) !== null && error instanceof Error && codeOf(error.cause) !== null) return reasonOf(error.cause);
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
