import type { ReportTable } from './report';

/** How {@link textTable} fits. */
export interface TextTableOptions {
  /** Characters a line of the terminal. Default: as many as the table needs. */
  width?: number;
}

/**
 * A table for the terminal: columns padded to their widest cell, numbers to the right. Where it is wider than `width` the heads are broken
 * into lines; where that is not enough each row becomes a paragraph, a line a cell.
 */
export function textTable(table: ReportTable, { width = Number.POSITIVE_INFINITY }: TextTableOptions = {}): string {
  const { caption } = table;
  const rows = table.rows.map((row) => row.map(String));
  const oneLine = grid(
    table.columns.map((head) => [head]),
    rows,
  );
  const fits = (lines: readonly string[]) => lines.every((line) => [...line].length <= width);
  const broken = fits(oneLine)
    ? oneLine
    : grid(
        table.columns.map((head) => head.split(' ')),
        rows,
      );
  const body = fits(broken) ? broken : rows.flatMap((row, i) => paragraph(table.columns, row, i));
  return [...(caption ? [caption] : []), ...body].join('\n');
}

/** Lines of a table whose heads may have several lines each; the last of them stands above the rule. */
function grid(heads: readonly (readonly string[])[], rows: readonly (readonly string[])[]): string[] {
  const height = Math.max(...heads.map((head) => head.length));
  const above = Array.from({ length: height }, (_, line) =>
    heads.map((head) => head[line - (height - head.length)] ?? ''),
  );
  const widths = heads.map((_, i) => Math.max(...[...above, ...rows].map((row) => row[i]?.length ?? 0)));
  const right = heads.map((_, i) => i > 0 && rows.every((row) => /^[−\-\d–]/.test(row[i] ?? '')));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (right[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [...above.map(line), rule, ...rows.map(line)];
}

/** A row as lines: its first cell, then the others behind their heads. */
function paragraph(columns: readonly string[], row: readonly string[], i: number): string[] {
  const [, ...heads] = columns;
  const longest = Math.max(...heads.map((head) => head.length));
  return [
    ...(i > 0 ? [''] : []),
    row[0] ?? '',
    ...heads.map((head, column) => `  ${head.padEnd(longest)}  ${row[column + 1] ?? ''}`),
  ];
}
