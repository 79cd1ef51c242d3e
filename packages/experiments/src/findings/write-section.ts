import { join } from 'node:path';
import { htmlReport, toPng } from '@resnet/analysis';
import { makeFolder, type NewContent, writeTogether } from '@resnet/files';
import type { AnalyzedRuns } from './analyses';

/**
 * Writes figures (SVG and PNG), `data.json` and `report.html` into a folder.
 *
 * @returns The path of the report.
 */
export async function writeSection(found: AnalyzedRuns, folder: string): Promise<string> {
  await makeFolder(folder);
  // The caller named the folder, so links in it are followed.
  await writeTogether(filesOf(found, folder), { links: 'follow' });
  return join(folder, 'report.html');
}

async function* filesOf({ section, data }: AnalyzedRuns, folder: string): AsyncGenerator<NewContent> {
  for (const { name, draw } of section.figures) {
    const svg = draw(720);
    yield [join(folder, `${name}.svg`), svg];
    yield [join(folder, `${name}.png`), await toPng(svg)];
  }
  yield [join(folder, 'data.json'), `${JSON.stringify(data, null, 2)}\n`];
  yield [join(folder, 'report.html'), htmlReport({ title: section.title, about: [], sections: [section] })];
}
