import { join } from 'node:path';
import type { ReportSection } from '@resnet/analysis';
import { UsageError } from '../errors';
import { didYouMean } from '../recipe/did-you-mean';
import { startBackend } from '../run/start-backend';
import { studies } from './all';
import { type Preset, presets } from './preset';
import type { Study } from './study';
import { type StudyPlace, trainPlanned } from './train-planned';
import { sectionOf, writeReport } from './write-report';

/** Settings of {@link conductStudies}. */
export interface ConductStudiesOptions extends Omit<StudyPlace, 'root'> {
  /** How much is trained: a name of {@link presets}. */
  preset: string;
  /** Studies by id. Default: all. */
  only?: readonly string[];
  /** Archive or folder of images. Default: the preset's, where it has one. */
  data?: string;
  /** Folder for runs, figures and `REPORT.html`. */
  out: string;
  /** The command that makes this report; the report quotes it. */
  command: string;
}

/** How the studies ended. */
export type StudiesOutcome =
  | {
      /** The report was written. */
      readonly status: 'finished';
      /** Path of the report. */
      readonly report: string;
      /** Its sections, one per study. */
      readonly sections: readonly ReportSection[];
    }
  | {
      /** The signal stopped a run, with a checkpoint. The same call resumes it. */
      readonly status: 'stopped';
    };

/**
 * Trains the runs that the studies need, analyzes them and writes one report. Runs are kept and reused by later calls.
 *
 * @throws UsageError for an unknown preset or study, and for a preset that needs a data set.
 */
export async function conductStudies(options: ConductStudiesOptions): Promise<StudiesOutcome> {
  const { out, command, onNote = () => {} } = options;
  const preset = presetOf(options);
  const chosen = chosenStudies(options.only);
  const root = join(out, 'runs');
  const planned = chosen.flatMap((study) => study.runs(preset));
  const { finished, diverged } = await trainPlanned(planned, { ...options, root });
  if (!finished) return { status: 'stopped' };
  onNote((await startBackend(options)).why);
  const sections: ReportSection[] = [];
  for (const study of chosen) {
    onNote(`study ${study.id}: ${study.title}`);
    sections.push(await sectionOf(study, preset, { root, diverged }));
  }
  return { status: 'finished', report: await writeReport(out, preset, sections, command), sections };
}

function presetOf({ preset: name, data }: ConductStudiesOptions): Preset {
  const preset = Object.hasOwn(presets, name) ? presets[name]! : unknownPreset(name);
  const path = data ?? preset.data;
  if (path !== null) return { ...preset, data: path };
  throw new UsageError(`studies: preset ${name} needs a data set, got none. Name one in data.`, { option: 'data' });
}

function unknownPreset(name: string): never {
  throw new UsageError(`studies: preset must be one of ${Object.keys(presets).join(', ')}, got '${name}'.`, {
    option: 'preset',
  });
}

function chosenStudies(only: readonly string[] | undefined): Study[] {
  const ids = studies.map(({ id }) => id);
  const unknown = only?.find((id) => !ids.includes(id));
  if (unknown === undefined) return studies.filter(({ id }) => !only || only.includes(id));
  throw new UsageError(
    `studies: only must name studies (${ids.join(', ')}), got '${unknown}'.${didYouMean(unknown, ids)}`,
    {
      option: 'only',
    },
  );
}
