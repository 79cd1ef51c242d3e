import type { TrainEvent } from './events';
import type { Readings } from './readings';
import type { Session } from './session';
import type { TrainOptions } from './train-options';
import type { Updates } from './update';

/** The subscriber, as the loop sees it. */
export interface Watcher {
  emit(event: TrainEvent): void;
  /** Unsubscribed: stop, emit nothing. */
  unsubscribed(): boolean;
}

/** What the parts of the loop share. */
export interface Context {
  readonly options: TrainOptions;
  /** Signals of policies that end the run early. */
  readonly early: readonly AbortSignal[];
  readonly session: Session;
  readonly readings: Readings;
  readonly updates: Updates;
  readonly watcher: Watcher;
  /** Where several processes train: what all of them have agreed on, in place of what each wants. */
  readonly agreed?: { stop: boolean } | undefined;
  /** Of this session's steps. */
  readonly totals: { steps: number; images: number; seconds: number };
}

/** Whether the run has to stop before its last iteration: `save` writes a checkpoint first, `now` writes and emits nothing. */
export type Stop = 'no' | 'save' | 'now';

/** What the subscriber, the signal and the policies ask for, at this moment or, with other processes, when they last agreed. */
export function stopOf({ options, early, watcher, agreed }: Context): Stop {
  if (watcher.unsubscribed()) return 'now';
  const stop = agreed ? agreed.stop : options.signal?.aborted || early.some(({ aborted }) => aborted);
  return stop ? 'save' : 'no';
}

/** Whether work on the present step goes on; what takes long asks between two batches. */
export const stopped = (context: Context): boolean => stopOf(context) !== 'no';

/** All iterations are done. */
export const isLast = ({ options, session }: Context): boolean => session.progress.step >= options.steps;
