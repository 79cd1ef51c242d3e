const newline = 10;

/** The lines of a text log and where each ends. A last one without its line break was torn by a crash and is left out. */
export function* wholeLines(bytes: Uint8Array): Generator<{ line: string; end: number }> {
  const decoder = new TextDecoder();
  for (let start = 0; ; ) {
    const end = bytes.indexOf(newline, start);
    if (end === -1) return;
    yield { line: decoder.decode(bytes.subarray(start, end)), end: end + 1 };
    start = end + 1;
  }
}
