import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { htmlReport, type ReportSection, textTable, toPng } from '@resnet/analysis';
import { writeDurably } from '@resnet/files';
import { note, print, printJson } from '../output';

/** Where findings go. */
export interface Output {
  /** A folder; without it only the tables are printed. */
  out?: string;
  json?: boolean;
}

/**
 * Prints a section's tables and conclusion, or `data` as JSON, and writes its figures (SVG and PNG), `data.json` and
 * `report.html` into a folder.
 */
export async function writeFindings(section: ReportSection, data: unknown, { out, json }: Output): Promise<void> {
  if (json) printJson(data);
  else for (const text of [...section.tables.map(textTable), ...section.conclusion]) print(text);
  if (out === undefined) return;
  mkdirSync(out, { recursive: true });
  const write = (name: string, content: string | Uint8Array) =>
    writeDurably(join(out, name), content, { links: 'follow' });
  for (const { name, draw } of section.figures) {
    const svg = draw(720);
    await write(`${name}.svg`, svg);
    await write(`${name}.png`, await toPng(svg));
  }
  await write('data.json', `${JSON.stringify(data, null, 2)}\n`);
  await write('report.html', htmlReport({ title: section.title, about: [], sections: [section] }));
  note(`wrote ${join(out, 'report.html')} and ${section.figures.length} figures as SVG and PNG`);
}
