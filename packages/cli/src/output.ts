import { printable } from '@resnet/files/printable';

/** Prints a result as JSON on stdout, indented on a terminal. Everything else goes to stderr, so that `--json` can be piped. */
export const printJson = (value: unknown): void => {
  process.stdout.write(`${escapedJson(value, process.stdout.isTTY ? 2 : 0)}\n`);
};

/** Prints a result on stdout, escaped: names from folders, archives or recipes of others must not control the terminal. */
export const print = (line: string): void => printText(`${line}\n`);

/** Prints a progress line on stderr, escaped. */
export const note = (line: string): void => warnText(`${line}\n`);

/** Prints a part of a result on stdout, escaped. */
export const printText = (text: string): void => {
  process.stdout.write(escaped(text));
};

/** Prints a part of a message on stderr, escaped. */
export const warnText = (text: string): void => {
  process.stderr.write(escaped(text));
};

/** Escapes control characters, except the line breaks and tabs of our own messages. Names need `printable`, which escapes these, too. */
const escaped = (text: string): string => printable(text, '\n\t');

/** JSON with all control characters escaped; `JSON.stringify` escapes the first 32 only. */
const escapedJson = (value: unknown, indent: number): string =>
  JSON.stringify(value, null, indent).replace(
    /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );

/**
 * Handles output that cannot be written. A reader that closes stdout early, such as `| head`, is no error, and lost progress lines stop
 * no training. A result that cannot be written, for example on a full disk, is a failure.
 */
export function surviveClosedOutput(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    note(`stdout: the result must be written, got ${error.message}. Make room; the run folder has what was trained.`);
    process.exitCode = 1;
  });
}

/** Columns of the terminal. Elsewhere 80, or as many as COLUMNS says. */
export const terminalWidth = (): number => {
  const columns = process.stdout.columns ?? Number(process.env.COLUMNS);
  return columns > 0 ? columns : 80;
};
