import type { StartEvent } from '../../events';

/** Where a run starts or goes on. */
export type Continuation = Pick<StartEvent, 'step' | 'evaluationPending'>;

/** An entry of a log: the step it speaks of, and whether it is a validation. */
export interface LogEntry {
  readonly step: number;
  readonly isValidation: boolean;
}

/** Whether an entry of an earlier life still holds in a run that goes on at `start`. */
export const survives = ({ step, isValidation }: LogEntry, start: Continuation): boolean =>
  start.step > 0 && (step < start.step || (step === start.step && !(isValidation && start.evaluationPending)));
