const newline = 10;

/**
 * The length in bytes of a text log's leading lines that are whole and wanted. A last line without its line break was torn by
 * a crash; it, and everything after the first unwanted line, is not counted.
 */
export function keptLines(bytes: Uint8Array, isWanted: (line: string) => boolean): number {
  const decoder = new TextDecoder();
  let kept = 0;
  for (;;) {
    const end = bytes.indexOf(newline, kept);
    if (end === -1 || !isWanted(decoder.decode(bytes.subarray(kept, end)))) return kept;
    kept = end + 1;
  }
}
