import { join } from 'node:path';
import { type Findings, htmlReport, type ReportSection, toPng } from '@resnet/analysis';
import { makeFolder, type NewContent, writeTogether } from '@resnet/files';
import { runRecord } from '../findings/run-record';
import { formatDuration } from '../recipe/explain';
import { describeHardware } from '../run/hardware';
import { loadRun, resultOf } from '../run/saved-run';
import { asTrained, directoryOf, type PlannedRun } from './planned-run';
import type { Preset } from './preset';
import type { Study } from './study';

/** The trained runs behind a report. */
export interface Runs {
  /** Folder of the run folders. */
  root: string;
  /** Messages of runs that diverged, by run folder. */
  diverged?: ReadonlyMap<string, string>;
}

/** The section of a study. If runs diverged, it names them and analyzes nothing. */
export async function sectionOf(study: Study, preset: Preset, { root, diverged }: Runs): Promise<ReportSection> {
  const planned = study.runs(preset);
  const { id, title, question } = study;
  const about = { id, title, question };
  const missing = planned.flatMap((one) => diverged?.get(directoryOf(root, one)) ?? []);
  if (missing.length > 0) return { ...about, protocol: study.protocol(preset), ...openFindings(missing) };
  const runs = planned.map((one) => asTrained(root, one));
  const records = runs.map(({ directory, label }) => runRecord(directory, label));
  return {
    ...about,
    protocol: `${study.protocol(preset)} ${circumstances(planned, root)}`,
    ...(await study.analyze({ preset, runs, records })),
  };
}

const openFindings = (missing: readonly string[]): Findings => ({
  figures: [],
  tables: [],
  conclusion: ['Not analyzed, since these runs did not finish:', ...missing],
});

/** Seeds, iterations, hardware and time of the runs behind a study. */
function circumstances(planned: readonly PlannedRun[], root: string): string {
  const results = planned.map((one) => resultOf(loadRun(directoryOf(root, one))));
  const distinct = <T>(values: readonly T[]): string => [...new Set(values)].join(', ');
  const seconds = results.reduce((sum, { secondsPerStep, steps }) => sum + (secondsPerStep ?? 0) * steps, 0);
  return [
    `${planned.length} ${planned.length === 1 ? 'run' : 'runs'};`,
    `seeds ${distinct(planned.map(({ recipe }) => recipe.seed))};`,
    `${distinct(results.map(({ steps }) => steps.toLocaleString('en-US')))} iterations of ${distinct(planned.map(({ recipe }) => recipe.batchSize))} images;`,
    `data ${distinct(planned.map(({ recipe }) => recipe.data))};`,
    `${formatDuration(seconds)} of training on ${distinct(results.map((one) => `${one.backend}, ${one.hardware}`))}.`,
  ].join(' ');
}

/** The caller named the folder, so links in it are followed. */
const trust = { links: 'follow' } as const;

/** Writes `REPORT.html`, and each figure as SVG and PNG under `figures`. @returns The path of the report. */
export async function writeReport(
  out: string,
  preset: Preset,
  sections: readonly ReportSection[],
  command: string,
): Promise<string> {
  const folder = join(out, 'figures');
  await makeFolder(folder);
  const about = [
    `Preset ${preset.name}: ${preset.description}.`,
    `Made by ${command} on ${describeHardware()}, ${new Date().toISOString().slice(0, 10)}.`,
    'Errors are those of the last iterate. A difference is called one where its 95 % interval over seeds excludes zero.',
  ];
  const report = join(out, 'REPORT.html');
  const html = htmlReport({ title: 'Residual networks: the studies', about, sections });
  await writeTogether(filesOf(folder, sections, [report, html]), trust);
  return report;
}

/** The report last, behind the figures that belong to it. */
async function* filesOf(
  folder: string,
  sections: readonly ReportSection[],
  report: NewContent,
): AsyncGenerator<NewContent> {
  for (const { id, figures } of sections) {
    for (const { name, draw } of figures) {
      const svg = draw(720);
      yield [join(folder, `${id}-${name}.svg`), svg];
      yield [join(folder, `${id}-${name}.png`), await toPng(svg, 96)];
    }
  }
  yield report;
}
