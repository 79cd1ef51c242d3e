import type { EvaluationEvent, StartEvent } from '../../events';

/** Where a run starts or goes on. */
export type Continuation = Pick<StartEvent, 'step' | 'evaluationPending'>;

/** An entry of a log: the step it speaks of, and the data an evaluation was made on. */
export interface LogEntry {
  readonly step: number;
  /** Null for what is no evaluation. */
  readonly evaluated: EvaluationEvent['split'] | null;
}

/** Whether an entry of an earlier life still holds in a run that goes on at `start`. */
export const survives = ({ step, evaluated }: LogEntry, start: Continuation): boolean =>
  start.step > 0 && (step < start.step || (step === start.step && !isMadeAgain(evaluated, start)));

/** The last step's test is made again even by a run that had finished. */
const isMadeAgain = (evaluated: LogEntry['evaluated'], { evaluationPending }: Continuation): boolean =>
  evaluated === 'test' || (evaluated === 'validation' && evaluationPending);
