import type { Findings, RunRecord } from '@resnet/analysis';
import type { TrainedRun } from '../findings/trained-run';
import type { PlannedRun } from './planned-run';
import type { Preset } from './preset';

/** A question about residual networks, and how it is answered. */
export interface Study {
  /** Names it on the command line and in file names. */
  id: string;
  /** Title of its section in the report. */
  title: string;
  /** The question that it answers. */
  question: string;
  /** Describes what is trained and measured; the report adds seeds, iterations and hardware. */
  protocol: (preset: Preset) => string;
  /** The runs that it needs. */
  runs: (preset: Preset) => readonly PlannedRun[];
  /** Measures the trained runs on the current backend. */
  analyze: (done: StudyRuns) => Promise<Findings>;
}

/** The input of a study's analysis. */
export interface StudyRuns {
  /** How much was trained. */
  preset: Preset;
  /** The trained runs, in the order in which the study plans them. */
  runs: readonly TrainedRun[];
  /** Errors along training of each run, in the order of `runs`. */
  records: readonly RunRecord[];
}

/** The runs of one seed. */
export const ofSeed = (runs: readonly TrainedRun[], seed: number): TrainedRun[] =>
  runs.filter(({ recipe }) => recipe.seed === seed);
