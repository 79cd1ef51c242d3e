import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { htmlReport, toPng } from '@resnet/analysis';
import { writeDurably } from '@resnet/files';
import type { AnalyzedRuns } from './analyses';

/**
 * Writes figures (SVG and PNG), `data.json` and `report.html` into a folder.
 *
 * @returns The path of the report.
 */
export async function writeSection({ section, data }: AnalyzedRuns, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  // The folder is the caller's own.
  const write = (name: string, content: string | Uint8Array) =>
    writeDurably(join(folder, name), content, { links: 'follow' });
  for (const { name, draw } of section.figures) {
    const svg = draw(720);
    await write(`${name}.svg`, svg);
    await write(`${name}.png`, await toPng(svg));
  }
  await write('data.json', `${JSON.stringify(data, null, 2)}\n`);
  await write('report.html', htmlReport({ title: section.title, about: [], sections: [section] }));
  return join(folder, 'report.html');
}
