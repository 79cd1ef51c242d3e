import { codeOf, nextMove } from '@resnet/files';

/** The command was called in a way that cannot work: exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * Errors of the packages that say the same. By name: `resnet --help` must not wait for the packages to load.
 */
const usageErrors: ReadonlySet<string> = new Set([
  'UsageError',
  'UnknownModelError',
  'ModelOptionError',
  'ScheduleError',
  'UnknownBackendError',
  'NotFoundError',
  'LayoutError',
  'RunFolderError',
  'AnalysisError',
]);

/** What the file system says of a path that was mistyped. */
const wrongPaths: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** What JavaScript says of a size that no memory has. */
const tooMuch = /Invalid (typed )?array length|allocation failed/i;

/** 2 for what the caller has to change, 1 for what went wrong all the same. */
export const exitCodeOf = (error: unknown): 1 | 2 =>
  error instanceof Error && (usageErrors.has(error.name) || wrongPaths.has(codeOf(error) ?? '')) ? 2 : 1;

/** What to tell the caller. Node's errors of files have no next move. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env.RESNET_DEBUG && error.stack) return error.stack;
  if (error instanceof RangeError && tooMuch.test(error.message)) {
    return `memory: must hold what was asked for, got '${error.message}'. Reduce the batch or the image size.`;
  }
  if (!('syscall' in error)) return error.message;
  const path = 'dest' in error ? error.dest : 'path' in error ? error.path : 'a path that was given';
  return `${path}: must be a path that works here, got ${error.message}. ${nextMove(error)}`;
}
