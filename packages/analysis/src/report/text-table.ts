import type { ReportTable } from './report';

/** A table for the terminal: columns padded to their widest cell, numbers to the right. */
export function textTable({ caption, columns, rows }: ReportTable): string {
  const cells = [columns, ...rows].map((row) => row.map(String));
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const right = columns.map((_, i) => i > 0 && rows.every((row) => /^[−\-\d–]/.test(String(row[i] ?? ''))));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (right[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [...(caption ? [caption] : []), line(cells[0]!), rule, ...cells.slice(1).map(line)].join('\n');
}
