import type { TrainEvent } from './events';
import type { Readings } from './readings';
import type { Session } from './session';
import type { TrainOptions } from './train-options';

/** Whoever watches the loop. */
export interface Watcher {
  emit(event: TrainEvent): void;
  /** Nobody watches any more: stop without another word. */
  canceled(): boolean;
}

/** What the parts of the loop share. */
export interface Context {
  readonly options: TrainOptions;
  readonly session: Session;
  readonly readings: Readings;
  readonly watcher: Watcher;
  /** Of this session's steps. */
  readonly totals: { steps: number; images: number; seconds: number };
}

/** Asked to stop with a checkpoint. */
export const aborted = ({ options }: Context): boolean => options.signal?.aborted === true;

/** To stop, with a checkpoint or without. */
export const stopping = (context: Context): boolean => aborted(context) || context.watcher.canceled();

/** All iterations are done. */
export const isLast = ({ options, session }: Context): boolean => session.progress.step >= options.steps;
