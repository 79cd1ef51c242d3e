import { opendirSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, nextMove } from '@resnet/files';
import type { Command } from 'commander';

/** What to change: see `UsageAdvice` of `@resnet/experiments`. */
interface Advice {
  option?: string;
  resume?: string;
}

/** A call of the command that cannot work; exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
  /** Marks errors that the caller can avoid, as in the packages. */
  readonly usage = true;
}

/** System error codes that point to a wrong path. */
const wrongPaths: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** Messages of JavaScript about a size beyond any memory. */
const tooMuch = /Invalid (typed )?array length|allocation failed/i;

/** 2 for errors that the caller can avoid, 1 for every other failure. */
export const exitCodeOf = (error: unknown): 1 | 2 =>
  error instanceof Error && (('usage' in error && error.usage === true) || wrongPaths.has(codeOf(error) ?? '')) ? 2 : 1;

/**
 * The text to print for an error: its message and, if it names an option or a run, what to type. Node's file errors get a next move.
 *
 * @param command The command that failed, whose flags are named.
 */
export function messageOf(error: unknown, command?: Command): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env.RESNET_DEBUG && error.stack) return error.stack;
  if (error instanceof RangeError && tooMuch.test(error.message)) {
    return `memory: must suffice for batch and image size, got '${error.message}'. Reduce one of them.`;
  }
  const short = shortageOf(error);
  if (short !== null) return short;
  if ('syscall' in error) {
    const path = 'dest' in error ? error.dest : 'path' in error ? error.path : 'a path';
    return `${path}: must be a usable path, got ${error.message}. ${nextMove(error)}`;
  }
  return [error.message, ...toType(adviceOf(error), command)].join('\n');
}

/** A message about a system limit behind an error that hides it: with too few open files, Node reports missing modules. */
function shortageOf(error: Error): string | null {
  const code = codeOf(error) ?? '';
  if (code === 'ERR_WORKER_INIT_FAILED') {
    return `threads: must start, got ${error.message}. Raise the limit on processes (ulimit -u), or lower --threads and --workers.`;
  }
  const files = code.endsWith('MODULE_NOT_FOUND') ? openFileError() : null;
  return files && `files: must open, got ${files.message}. ${nextMove(files)}`;
}

/** The error of opening one more file; null if that works. */
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
  return flag === null ? [] : [`Flag: ${flag}`];
}

/** Flags whose name differs from the API's option. */
const otherNames: Readonly<Record<string, string>> = { directory: 'out' };

/** The flag for an option of the API or a setting of the recipe; null if this command has none. */
function flagFor(option: string, command?: Command): string | null {
  const has = (name: string) => command?.options.find((flag) => flag.attributeName() === name);
  const own = has(otherNames[option] ?? option);
  if (own) return own.flags;
  return has('set') ? `--set ${option}=<value>` : null;
}
