import { join } from 'node:path';
import type { ReportSection } from '@resnet/analysis';
import { didYouMean, startBackend } from '@resnet/experiments';
import {
  type Preset,
  presets,
  type Study,
  sectionOf,
  studies,
  trainPlanned,
  writeReport,
} from '@resnet/experiments/studies';
import { UsageError } from '../errors';
import { note, print } from '../output';

/** What the command line gives. */
export interface StudiesFlags {
  preset: string;
  only?: string[];
  data?: string;
  out: string;
  backend?: string;
  software?: boolean;
  threads?: number;
}

/** `resnet studies`. Runs are kept: what was trained once is not trained again. */
export async function runStudies(flags: StudiesFlags): Promise<void> {
  const preset = presetOf(flags);
  const chosen = chosenStudies(flags.only);
  const place = {
    root: join(flags.out, 'runs'),
    backend: flags.backend ?? 'auto',
    threads: flags.threads ?? null,
    onNote: note,
  };
  const { exitCode, diverged } = await trainPlanned(
    chosen.flatMap((study) => study.runs(preset)),
    place,
  );
  if (exitCode !== 0) {
    process.exitCode = exitCode;
    return note('Stopped; the same command goes on.');
  }
  note((await startBackend(place.backend, { threads: flags.threads, software: flags.software })).why);
  const sections: ReportSection[] = [];
  for (const study of chosen) {
    note(`study ${study.id}: ${study.title}`);
    sections.push(await sectionOf(study, preset, { root: place.root, diverged }));
  }
  await writeReport(flags.out, preset, sections, commandOf(flags));
  for (const { title, conclusion } of sections) print(`${title}\n${conclusion.map((line) => `  ${line}`).join('\n')}`);
  print(join(flags.out, 'REPORT.html'));
}

function presetOf({ preset: name, data }: StudiesFlags): Preset {
  const preset = presets[name]!;
  const path = data ?? preset.data;
  if (path === null) throw new UsageError(`studies: preset ${name} needs a data set. Pass --data PATH.`);
  return { ...preset, data: path };
}

function chosenStudies(only: readonly string[] | undefined): Study[] {
  const ids = studies.map(({ id }) => id);
  const unknown = only?.find((id) => !ids.includes(id));
  if (unknown !== undefined) {
    throw new UsageError(`--only: must name studies (${ids.join(', ')}), got '${unknown}'.${didYouMean(unknown, ids)}`);
  }
  return studies.filter(({ id }) => !only || only.includes(id));
}

const commandOf = ({ preset, only, data }: StudiesFlags): string =>
  [
    `npm run studies -- --preset ${preset}`,
    ...(only ? [`--only ${only.join(',')}`] : []),
    ...(data !== undefined ? [`--data ${data}`] : []),
  ].join(' ');
