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
