/**
 * What `train` reports. Steps count finished iterations: the first step event has `step` 1 and was made with
 * `schedule.rate(0)`. All fields except those named `seconds…` and `imagesPerSecond` are equal, bit for bit, in a run
 * that was interrupted and resumed and in one that was not; `checkpoint` and `warning` events depend on the
 * interruptions. A step's events arrive in the order step, layers, evaluation, checkpoint, each delivered before the next
 * begins, so whoever logs synchronously never has a checkpoint that is ahead of the log.
 */
export type TrainEvent =
  | StartEvent
  | StepEvent
  | LayersEvent
  | EvaluationEvent
  | CheckpointEvent
  | WarningEvent
  | EndEvent;

/** The run begins, or goes on from a checkpoint. */
export interface StartEvent {
  /** Tells the events apart. */
  readonly type: 'start';
  /** Iterations already done: 0, or those of the checkpoint. A log from before the resume is valid up to here. */
  readonly step: number;
  /** Iterations of the whole run. */
  readonly steps: number;
  /** Epoch of the last batch trained on, from 0; 0 for a new run. */
  readonly epoch: number;
  /** Trainable numbers in the model. */
  readonly parameters: number;
  /** Name of the checkpoint the run goes on from. */
  readonly resumedFrom?: string;
  /** The evaluation due at `step` was cut off and comes next: a logged evaluation of that step is to be dropped. */
  readonly evaluationPending: boolean;
}

/** One iteration: one update of the weights. */
export interface StepEvent {
  /** Tells the events apart. */
  readonly type: 'step';
  /** Iterations done, this one included. */
  readonly step: number;
  /** From 0: passes over the data that were finished before this batch. */
  readonly epoch: number;
  /** From 0: the batch's place in its epoch. */
  readonly batch: number;
  /** Images in the batch. */
  readonly images: number;
  /** Mean cross-entropy of the batch, in nats, before the update; weight decay not included. */
  readonly loss: number;
  /** Share of the batch that was classified wrongly, 0…1, before the update. */
  readonly error: number;
  /** Mean of `loss` over the last `window` steps: what the schedule observes as `trainLoss`. */
  readonly meanLoss: number;
  /** Mean of `error` over the last `window` steps: what the schedule observes as `trainError`. */
  readonly meanError: number;
  /** Learning rate of this update. */
  readonly rate: number;
  /** Wall time of the iteration, waiting for its data included; evaluations and checkpoints not. */
  readonly seconds: number;
  /** The part of `seconds` spent waiting for the batch. */
  readonly secondsForData: number;
}

/** What was measured of one layer. */
export interface LayerMeasure {
  /** Name of the layer. */
  readonly layer: string;
  /** What was measured, by name; such as `gradientNorm`. */
  readonly [measure: string]: string | number;
}

/** The layers were measured after a step; see `TrainOptions.layers`. */
export interface LayersEvent {
  /** Tells the events apart. */
  readonly type: 'layers';
  /** Iterations done. */
  readonly step: number;
  /** In the network's order. */
  readonly layers: readonly LayerMeasure[];
  /** Wall time that it took. */
  readonly seconds: number;
}

/** What `evaluate` measures: averages over all images, summed in float64. */
export interface Evaluation {
  /** How many were measured. */
  readonly images: number;
  /** Mean cross-entropy in nats, without label smoothing. */
  readonly loss: number;
  /** Share classified wrongly, 0…1 (top-1). */
  readonly error: number;
  /** Share whose class is not among the five highest scores, 0…1. 0 with five classes or fewer. */
  readonly top5Error: number;
  /** Wall time, waiting for the batches included. */
  readonly seconds: number;
}

/** The model was measured on held-out data. */
export interface EvaluationEvent extends Evaluation {
  /** Tells the events apart. */
  readonly type: 'evaluation';
  /** `validation` every N iterations; `test` once, on the last iterate, at the end. */
  readonly split: 'validation' | 'test';
  /** Iterations done before it. */
  readonly step: number;
  /** Epoch of the last batch trained on, from 0. */
  readonly epoch: number;
  /** The lowest validation error so far (a tie goes to the lower loss). Always false for `test`. */
  readonly best: boolean;
}

/** A checkpoint is safely stored. */
export interface CheckpointEvent {
  /** Tells the events apart. */
  readonly type: 'checkpoint';
  /** Iterations done: a resumed run goes on with the next one. */
  readonly step: number;
  /** Where the store put it: a path in a file store. */
  readonly name: string;
  /** Length of the checkpoint. */
  readonly bytes: number;
  /** Holds the best weights by validation so far. */
  readonly best: boolean;
  /** Wall time of encoding and storing. */
  readonly seconds: number;
}

/** Something went wrong that the run survives: a damaged checkpoint was passed over, one could not be written or removed. */
export interface WarningEvent {
  /** Tells the events apart. */
  readonly type: 'warning';
  /** Iterations done; 0 for what is found before the run goes on. */
  readonly step: number;
  /** For people: what happened and what follows from it. */
  readonly message: string;
  /** The state that holds a NaN or an infinity, where that is why a checkpoint was not written. */
  readonly notFinite?: string;
}

/** The last event; the stream completes. */
export interface EndEvent {
  /** Tells the events apart. */
  readonly type: 'end';
  /** Iterations done, steps before the resume included. */
  readonly step: number;
  /** Epoch of the last batch trained on, from 0. */
  readonly epoch: number;
  /**
   * `finished`: all iterations are done. `aborted`: the signal asked to stop. `stopped-early`: a policy asked to. After either of
   * these the run was saved, if there is a store, and not tested.
   */
  readonly reason: 'finished' | 'aborted' | 'stopped-early';
  /** Running mean over the last `window` steps. NaN if no step was made. */
  readonly trainLoss: number;
  /** Share classified wrongly, 0…1, over the same steps. */
  readonly trainError: number;
  /** The last validation. */
  readonly validation?: Evaluation;
  /** The best validation; never chosen by test data. */
  readonly best?: {
    /** Iterations done when it was measured. */
    readonly step: number;
    /** Share classified wrongly, 0…1. */
    readonly error: number;
    /** Mean cross-entropy in nats. */
    readonly loss: number;
  };
  /** The last iterate on the test data. */
  readonly test?: Evaluation;
  /** Mean wall time of an iteration in this session; NaN if none was made. */
  readonly secondsPerStep: number;
  /** Over the same iterations; NaN if none was made. */
  readonly imagesPerSecond: number;
  /** Wall time of this session, everything included. */
  readonly seconds: number;
}
