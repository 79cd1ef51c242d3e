import { opendirSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, nextMove } from '@resnet/files';
import type { Command } from 'commander';

/** What an error says beside its message: see `UsageAdvice` of `@resnet/experiments`. */
interface Advice {
  option?: string;
  resume?: string;
}

/** The command was called in a way that cannot work: exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
  /** Marks errors that the caller can avoid, as in the packages. */
  readonly usage = true;
}

/** What the file system says of a path that was mistyped. */
const wrongPaths: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** What JavaScript says of a size that no memory has. */
const tooMuch = /Invalid (typed )?array length|allocation failed/i;

/** 2 for what the caller has to change, 1 for every other failure. */
export const exitCodeOf = (error: unknown): 1 | 2 =>
  error instanceof Error && (('usage' in error && error.usage === true) || wrongPaths.has(codeOf(error) ?? '')) ? 2 : 1;

/**
 * What to tell the caller: the error's message, and what to type where the error names an option or a run. Node's errors of files
 * have no next move of their own.
 *
 * @param command The command that failed, whose flags are named.
 */
export function messageOf(error: unknown, command?: Command): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env.RESNET_DEBUG && error.stack) return error.stack;
  if (error instanceof RangeError && tooMuch.test(error.message)) {
    return `memory: must hold what was asked for, got '${error.message}'. Reduce the batch or the image size.`;
  }
  const short = shortageOf(error);
  if (short !== null) return short;
  if ('syscall' in error) {
    const path = 'dest' in error ? error.dest : 'path' in error ? error.path : 'a path that was given';
    return `${path}: must be a path that works here, got ${error.message}. ${nextMove(error)}`;
  }
  return [error.message, ...toType(adviceOf(error), command)].join('\n');
}

/** What the system has no more of, where the error speaks of something else: too few open files make Node find no module. */
function shortageOf(error: Error): string | null {
  const code = codeOf(error) ?? '';
  if (code === 'ERR_WORKER_INIT_FAILED') {
    return `threads: must be as many as asked for, got ${error.message}. Raise the limit on processes (ulimit -u), or pass fewer --threads and --workers.`;
  }
  const files = code.endsWith('MODULE_NOT_FOUND') ? openFileError() : null;
  return files && `files: must be as many as the command opens, got ${files.message}. ${nextMove(files)}`;
}

/** Null where one more can be opened. */
function openFileError(): Error | null {
  try {
    opendirSync(dirname(process.execPath)).closeSync();
    return null;
  } catch (error) {
    return error instanceof Error ? error : null;
  }
}

const adviceOf = (error: Error): Advice =>
  'advice' in error && typeof error.advice === 'object' && error.advice !== null ? error.advice : {};

function toType({ option, resume }: Advice, command?: Command): string[] {
  if (resume !== undefined) return [`To resume: resnet train --resume ${resume}`];
  const flag = option === undefined ? null : flagFor(option, command);
  return flag === null ? [] : [`The flag for that: ${flag}`];
}

/** Flags that go by another name than the API's option. */
const otherNames: Readonly<Record<string, string>> = { directory: 'out' };

/** The flag that sets an option of the API, or a setting of the recipe; null where this command has none. */
function flagFor(option: string, command?: Command): string | null {
  const has = (name: string) => command?.options.find((flag) => flag.attributeName() === name);
  const own = has(otherNames[option] ?? option);
  if (own) return own.flags;
  return has('set') ? `--set ${option}=<value>` : null;
}
