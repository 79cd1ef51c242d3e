import { printable } from '@resnet/files/printable';

/** Results go to stdout; everything said on the way there goes to stderr, so that `--json` can be piped: a line, or more for a reader's eyes. */
export const printJson = (value: unknown): void => {
  process.stdout.write(`${escapedJson(value, process.stdout.isTTY ? 2 : 0)}\n`);
};

/** Result for people, escaped: names out of a stranger's folder, archive or recipe must not command the terminal. */
export const print = (line: string): void => printText(`${line}\n`);

/** Progress line; goes to stderr, escaped. */
export const note = (line: string): void => warnText(`${line}\n`);

/** Part of a result, escaped. */
export const printText = (text: string): void => {
  process.stdout.write(escaped(text));
};

/** Part of what goes to stderr, escaped. */
export const warnText = (text: string): void => {
  process.stderr.write(escaped(text));
};

/** What we say has lines and columns of our own; names have none: an action writes those by `printable`. */
const escaped = (text: string): string => printable(text, '\n\t');

/** JSON escapes the first 32 control characters only; the others as it would. */
const escapedJson = (value: unknown, indent: number): string =>
  JSON.stringify(value, null, indent).replace(
    /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );

/**
 * Lets the process end in its own way where nobody can hear it. Whoever reads may leave early, as `| head` does; progress that cannot
 * be shown stops no training; but a result that cannot be written, on a full disk say, is a failure.
 */
export function surviveClosedOutput(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    note(`stdout: the result must be written, got ${error.message}. Make room; what was trained is in the run folder.`);
    process.exitCode = 1;
  });
}

/** Columns of the terminal. Elsewhere 80, or as many as COLUMNS says. */
export const terminalWidth = (): number => {
  const columns = process.stdout.columns ?? Number(process.env.COLUMNS);
  return columns > 0 ? columns : 80;
};
