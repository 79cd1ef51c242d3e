import type { Findings, RunRecord } from '@resnet/analysis';
import type { TrainedRun } from '../findings/trained-run';
import type { PlannedRun } from './planned-run';
import type { Preset } from './preset';

/** One of the questions, and how it is answered. */
export interface Study {
  id: string;
  title: string;
  question: string;
  /** What is trained and measured, in words; seeds, iterations and hardware are added to it. */
  protocol: (preset: Preset) => string;
  runs: (preset: Preset) => readonly PlannedRun[];
  analyze: (done: StudyRuns) => Promise<Findings>;
}

/** What a study works with once its runs are there. */
export interface StudyRuns {
  preset: Preset;
  runs: readonly TrainedRun[];
  /** What the runs measured, in the order of `runs`. */
  records: readonly RunRecord[];
}

/** The runs of one seed. */
export const ofSeed = (runs: readonly TrainedRun[], seed: number): TrainedRun[] =>
  runs.filter(({ recipe }) => recipe.seed === seed);
