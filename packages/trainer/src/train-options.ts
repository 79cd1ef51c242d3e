import type * as tf from '@tensorflow/tfjs';
import type { Batches, BatchSource } from './batch';
import type { CheckpointStore } from './checkpoint/store';
import { TrainError } from './errors';
import type { OnScores } from './evaluate';
import type { LayerMeasure } from './events';
import type { Optimizer } from './optimizers/optimizer';
import type { Parallel } from './parallel';
import type { Policy } from './policies/policy';
import type { RecordingReport } from './recordings';
import { listensTo, type Schedule, type Stateful } from './schedule';

/** What to train and how. The model stays the caller's; the optimizer's memory is freed when the run ends. */
export interface TrainOptions {
  /** Gives logits `[n, classes]`. Any model of TensorFlow.js layers; its weights are changed in place. */
  model: tf.LayersModel;
  /** Where batches come from. A function resumes inside an epoch without reading what came before; a generator can be read once. */
  batches: BatchSource | Batches;
  /** The learning rate: a number, a function of the finished steps, from 0, or a schedule. */
  schedule: Schedule | ((step: number) => number) | number;
  /** How gradients become updates: `sgd()` is the paper's (§3.4). */
  optimizer: Optimizer;
  /** Length in iterations, steps before a resume included. */
  steps: number;

  /** Measured every `every` iterations and after the last one. */
  validation?: {
    /** All held-out images, anew at each call. */
    batches: () => Batches;
    /** Iterations between two. */
    every: number;
    /** Which is the best: that of the lowest `error` (default; of equals that of the lower loss), or `loss`, which tells more of few images. */
    best?: 'error' | 'loss';
  };
  /** Measured once, on the last iterate; nothing is ever chosen by it. */
  test?: () => Batches;
  /** Receives what the model says of each batch of `test`. */
  onTestScores?: OnScores;
  /** Measures layers along training, as {@link LayersEvent}. Never by default. */
  layers?: {
    /** Awaited after every so many iterations, before the next: must leave the model, and what it holds, as they were. */
    measure: () => Promise<readonly LayerMeasure[]>;
    /** Iterations between two. */
    every: number;
  };
  /** Training images to re-estimate the statistics of batch normalization over, after the last iteration. */
  statistics?: () => Batches;
  /** Where the run is saved, and how often. Never by default. */
  checkpoints?: CheckpointOptions;

  /** Share of every label that is spread over all classes, 0…1. 0 by default. */
  labelSmoothing?: number;
  /**
   * What the loss of each class is multiplied by, one number per class, as where some have fewer images than others. Not divided by their
   * sum: give weights whose mean over the images is 1 to keep the size of the loss. All 1 by default.
   */
  classWeights?: readonly number[];
  /** Largest norm of all gradients together. Not limited by default. */
  clipNorm?: number;
  /**
   * Most images in memory at once: larger batches are cut into equal parts (5 into 3 and 2 where it is 4) and their gradients added up, which gives the same gradient
   * except that batch normalization then takes its statistics over each part alone. Not cut by default.
   */
  microBatch?: number;
  /** Decay of an exponential moving average of the weights, as 0.9999: it is what is measured, and what the model holds at the end. */
  averageDecay?: number;
  /** Changes the gradients before clipping and the update, as by noise. It takes them over and gives others, or the same. */
  reduceGradients?: (gradients: tf.Tensor[]) => tf.Tensor[] | Promise<tf.Tensor[]>;

  /**
   * Other processes that train the same model on their parts of each batch: `dataParallel(await mpi())` of `@resnet/distributed`. Every process calls `train` with the
   * same options; losses, evaluations and events are of all together, process 0's rates count, and a stop that one is asked for stops all after the same
   * step. Null and left out are this process alone.
   */
  parallel?: Parallel | null;

  /**
   * Record a step and replay it where the backend can, without TensorFlow.js in between. Default: true. Steps do the same as ever, bit for bit; a step that
   * would not is not recorded. Set it to false for a model whose layers change between steps by themselves (layers frozen on the way, a rate of their own).
   */
  record?: boolean;
  /** Hears what became of the steps on each batch shape: recorded, or why not. */
  onRecording?: (report: RecordingReport) => void;

  /** Steps that `meanLoss` and `meanError` look back. 100 by default. */
  window?: number;
  /**
   * Losses are read, and step events emitted, every so many steps: reading stalls a GPU. Also before each evaluation and
   * checkpoint. By default 8 on webgl and webgpu and 1 elsewhere, where a loss that is NaN stops the run within its step.
   */
  readEvery?: number;
  /** When aborted: finish the step, write a checkpoint, end with reason `aborted`. */
  signal?: AbortSignal;
  /** Rules that the run follows, such as `stopEarly({ patience: 5 })`; the first one is closest to the run. None by default. */
  policies?: readonly Policy[];
  /** States that are to travel along in the checkpoints, by name. */
  states?: Readonly<Record<string, Stateful>>;
}

/** How a run is made safe against its end. */
export interface CheckpointOptions {
  /** Where they go and come from: `memoryCheckpoints()`, `fileCheckpoints(folder)`. */
  store: CheckpointStore;
  /** Iterations between two. One is also written at the end, on abort and after the best validation so far. */
  every?: number;
  /** Go on from the newest checkpoint that is whole, if there is any. True by default. */
  resume?: boolean;
  /** Hash of the recipe: a checkpoint made with another one is refused. */
  recipe?: string;
}

/** Refuses what cannot be trained with. */
export function checkOptions(options: TrainOptions): void {
  checkOptimizer(options.optimizer);
  checkSchedule(options);
  checkClassWeights(options);
  const { steps, validation, checkpoints, labelSmoothing = 0, averageDecay = 0, clipNorm = 1 } = options;
  const counts = {
    steps,
    'layers.every': options.layers?.every,
    'validation.every': validation?.every,
    'checkpoints.every': checkpoints?.every,
    microBatch: options.microBatch,
    window: options.window,
    readEvery: options.readEvery,
  };
  for (const [name, value] of Object.entries(counts)) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
      throw new TrainError(`train: ${name} must be a positive integer, got ${value}. Count in iterations or images.`);
    }
  }
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new TrainError(`train: labelSmoothing must be at least 0 and below 1, got ${labelSmoothing}. Try 0.1.`);
  }
  if (!(averageDecay >= 0 && averageDecay < 1)) {
    throw new TrainError(`train: averageDecay must be at least 0 and below 1, got ${averageDecay}. Try 0.999.`);
  }
  if (!(clipNorm > 0))
    throw new TrainError(`train: clipNorm must be above 0, got ${clipNorm}. Leave it out for no limit.`);
}

function checkClassWeights({ model, classWeights, labelSmoothing = 0 }: TrainOptions): void {
  if (!classWeights) return;
  const classes = model.outputs[0]?.shape.at(-1);
  if (
    classWeights.length !== classes ||
    !classWeights.every((weight) => weight > 0 && weight < Number.POSITIVE_INFINITY)
  ) {
    throw new TrainError(
      `train: classWeights must be ${classes} numbers above 0, one per class, got [${classWeights}]. Try images / (classes · images of the class).`,
    );
  }
  // A label must stay the largest of its row: the training error is counted by it.
  const [least, most] = [Math.min(...classWeights), Math.max(...classWeights)];
  const spread = labelSmoothing / classes;
  if (least * (1 - labelSmoothing + spread) <= most * spread) {
    throw new TrainError(
      `train: classWeights must differ by less than ${Math.round((1 - labelSmoothing + spread) / spread)} times where labelSmoothing is ${labelSmoothing}, got ${least} and ${most}. Lower labelSmoothing.`,
    );
  }
}

function checkOptimizer(optimizer: Optimizer): void {
  if (typeof optimizer?.apply === 'function' && typeof optimizer.state === 'function') return;
  const isStock = typeof (optimizer as unknown as { applyGradients?: unknown })?.applyGradients === 'function';
  throw new TrainError(
    isStock
      ? `train: optimizer must be the trainer's, whose rate the schedule sets, got ${optimizer.constructor.name} of TensorFlow.js. Use sgd({ momentum: 0, weightDecay: 0 }), sgd() or adamw().`
      : `train: optimizer must have apply, state, restore and dispose, got ${optimizer}. Use sgd().`,
  );
}

function checkSchedule({ schedule, validation }: TrainOptions): void {
  if (typeof schedule !== 'number' && typeof schedule !== 'function' && typeof schedule?.rate !== 'function') {
    throw new TrainError(
      `train: schedule must be a number, a function of the step or a schedule, got ${typeof schedule === 'string' ? `'${schedule}'` : schedule}. Try 0.1.`,
    );
  }
  const unheard = listensTo(schedule).find((metric) => metric.startsWith('validation'));
  if (unheard === undefined || validation) return;
  throw new TrainError(
    `train: a schedule that listens to ${unheard} must have a validation, got none: its rate would never change. Set validation, or watch trainLoss.`,
  );
}
