/** Results go to stdout; everything said on the way there goes to stderr, so that `--json` can be piped. */
export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`);
};

/** A line of human-readable result. */
export const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** A line about the way there. */
export const note = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

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

/**
 * A text with its control characters written as `\u{…}`. Names out of somebody else's folder or archive must not move the terminal's
 * cursor, break its lines or turn the direction of what follows.
 */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
