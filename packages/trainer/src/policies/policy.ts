import type * as tf from '@tensorflow/tfjs';
import type { MonoTypeOperatorFunction } from 'rxjs';
import type { CheckpointStore } from '../checkpoint/store';
import type { TrainEvent } from '../events';
import type { Schedule, Stateful } from '../schedule';

/**
 * A rule that a run follows: it hears the events and may change the rate, stop the run or start it again. Given once, as
 * `train({ policies: [rollbackOnDivergence(), stopEarly({ patience: 5 })] })`.
 *
 * @returns The rule for one subscription to `run`.
 * @throws TrainError for a run that it cannot work with.
 */
export type Policy = (run: PolicyRun) => RunPolicy;

/** What a policy may know of the run's options; see `TrainOptions`. */
export interface PolicyRun {
  /** The model that is trained. */
  readonly model: tf.LayersModel;
  /** Present where the run is validated. */
  readonly validation?: {
    /** Iterations between two. */
    readonly every: number;
  };
  /** Present where the run is saved. */
  readonly checkpoints?: {
    /** Where its checkpoints are. */
    readonly store: CheckpointStore;
  };
}

/** A policy at work in one run. Every member but the name may be left out. */
export interface RunPolicy {
  /** Key of its state in checkpoints; no two policies of a run share one. */
  readonly name: string;
  /** Wraps the run's schedule. */
  readonly schedule?: (schedule: Schedule) => Schedule;
  /** When aborted: finish the step, write a checkpoint, end with reason `stopped-early`. */
  readonly signal?: AbortSignal;
  /** Wraps the run's events. Subscribing anew goes back to the newest checkpoint. */
  readonly watch?: MonoTypeOperatorFunction<TrainEvent>;
  /** What travels in the checkpoints, so that it resumes with the run. */
  readonly state?: Stateful;
}
