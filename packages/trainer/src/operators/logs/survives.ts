import type { StartEvent } from '../../events';
import type { MeasuredSplit } from './split';

/** Where a run starts or goes on. */
export type LogContinuation = Pick<StartEvent, 'step' | 'evaluationPending'>;

/** An entry of a log: its step, and the data it was measured on. */
export interface LogEntry {
  readonly step: number;
  /** `train` for an iteration, a split for an evaluation, null for what is no measurement. */
  readonly measured: MeasuredSplit | null;
}

/** Whether an entry from before the resume still holds in a run that goes on at `start`. */
export const survives = ({ step, measured }: LogEntry, start: LogContinuation): boolean =>
  step < start.step || (step === start.step && !isMadeAgain(measured, start));

/** The last step's test is made again even by a run that had finished. */
const isMadeAgain = (measured: LogEntry['measured'], { evaluationPending }: LogContinuation): boolean =>
  measured === 'test' || (measured === 'validation' && evaluationPending);
