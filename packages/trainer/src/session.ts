import type { SafeTensor } from '@resnet/safetensors';
import * as tf from '@tensorflow/tfjs';
import { type Average, average } from './average';
import { requireFit } from './checkpoint/check-fit';
import type { CheckpointContents, TrainingProgress } from './checkpoint/contents';
import { malformed } from './checkpoint/parse-state';
import { fromFile, type Named, toFile } from './checkpoint/tensors';
import { CheckpointError } from './errors';
import { type RunningMean, runningMean } from './operators/running-mean';
import { asSchedule, type Json, type Schedule } from './schedule';
import type { TrainOptions } from './train-options';
import { assignAll, trainableWeightsOf, type Weight, weightsOf } from './weights';

/** Everything that a run carries from step to step, and therefore everything that a checkpoint holds. */
export interface Session {
  readonly weights: readonly Weight[];
  readonly trainable: readonly Weight[];
  readonly schedule: Schedule;
  readonly average: Average | null;
  readonly losses: RunningMean;
  readonly errors: RunningMean;
  readonly progress: TrainingProgress;
  /** Copies all state to the host. */
  capture(): Promise<CheckpointContents>;
  /** Throws a CheckpointError for a checkpoint of this run that lacks what it goes on from. Restores the schedule's state alone. */
  check(contents: CheckpointContents): void;
  /** Takes over all state of a checkpoint. */
  restore(contents: CheckpointContents): void;
  dispose(): void;
}

/** A session at step 0. */
export function session(options: TrainOptions): Session {
  const { model, optimizer, window = 100, averageDecay = 0, states = {}, checkpoints } = options;
  const weights = weightsOf(model);
  const trainable = trainableWeightsOf(model);
  const schedule = asSchedule(options.schedule);
  const averaged = averageDecay > 0 ? average(weights, averageDecay) : null;
  const losses = runningMean(window);
  const errors = runningMean(window);
  const progress: TrainingProgress = {
    step: 0,
    epoch: 0,
    batch: 0,
    evaluationPending: false,
    best: null,
    validation: null,
  };
  const recipe = checkpoints?.recipe ?? null;

  const modelTensors = weights.map(({ name, variable }) => ({ name: `model/${name}`, tensor: variable }));
  const ofThisModel = ({ tensors }: CheckpointContents): boolean =>
    modelTensors.every(({ name, tensor }) => `${tensors.get(name)?.shape}` === `${tensor.shape}`);
  const averageTensors = (): Named =>
    averaged?.tensors().map((tensor, i) => ({ name: `average/${weights[i]!.name}`, tensor })) ?? [];
  const optimizerTensors = (): Named =>
    Object.entries(optimizer.state().slots).flatMap(([slot, tensors]) =>
      tensors.map((tensor, i) => ({ name: `optimizer/${slot}/${trainable[i]!.name}`, tensor })),
    );

  const restoreOptimizer = ({ tensors, optimizer: numbers }: CheckpointContents) => {
    const slots = new Set([...tensors.keys()].flatMap((name) => /^optimizer\/([^/]+)/.exec(name)?.[1] ?? []));
    const wanted = (slot: string): Named =>
      trainable.map(({ name, variable }) => ({ name: `optimizer/${slot}/${name}`, tensor: variable }));
    tf.tidy(() => {
      const restored = [...slots].map((slot) => [slot, fromFile(tensors, wanted(slot))] as const);
      optimizer.restore({ slots: Object.fromEntries(restored), numbers });
    });
  };

  return {
    weights,
    trainable,
    schedule,
    average: averaged,
    losses,
    errors,
    progress,
    capture: async () => {
      const plain = structuredClone({
        progress,
        schedule: schedule.state?.() ?? null,
        optimizer: optimizer.state().numbers,
        states: Object.fromEntries(Object.entries(states).map(([name, { state }]) => [name, state()])),
        recipe,
      });
      const windows = [windowTensor('loss', losses), windowTensor('error', errors)] as const;
      const tensors = await toFile([...modelTensors, ...optimizerTensors(), ...averageTensors()]);
      return { ...plain, tensors: new Map([...tensors, ...windows]) };
    },
    check: (contents) => {
      // Of another run: no other checkpoint would help, and `restore` says so.
      if ((recipe !== null && contents.recipe !== recipe) || !ofThisModel(contents)) return;
      requireFit(contents, {
        steps: options.steps,
        trainable: trainable.map(({ name }) => name),
        slots: optimizer.slots ?? [],
        numbers: Object.keys(optimizer.state().numbers),
        sameRecipe: recipe !== null,
        schedule: schedule.state?.() ?? null,
        states: Object.fromEntries(Object.entries(states).map(([name, { state }]) => [name, state()])),
      });
      tryRestore('schedule', contents.schedule, schedule);
    },
    restore: (contents) => {
      checkRecipe(contents.recipe, recipe);
      tf.tidy(() => {
        const values = fromFile(contents.tensors, modelTensors);
        const averages = averaged && fromFile(contents.tensors, averageTensors());
        assignAll(
          weights.map(({ variable }) => variable),
          values,
        );
        if (averages) averaged.restore(averages);
      });
      restoreOptimizer(contents);
      if (contents.schedule !== null) schedule.restore?.(contents.schedule);
      for (const [name, state] of Object.entries(contents.states)) states[name]?.restore(state);
      losses.restore(windowValues('loss', contents));
      errors.restore(windowValues('error', contents));
      Object.assign(progress, contents.progress);
    },
    dispose: () => {
      averaged?.dispose();
      optimizer.dispose();
    },
  };
}

// As float64 tensors, not JSON: NaN and infinities are to come back, too.
const windowTensor = (name: string, mean: RunningMean): [string, SafeTensor] => {
  const data = Float64Array.from(mean.state());
  return [`window/${name}`, { dtype: 'F64', shape: [data.length], data }];
};

const windowValues = (name: string, { tensors }: CheckpointContents): number[] => {
  const data = tensors.get(`window/${name}`)?.data;
  return data instanceof Float64Array ? [...data] : [];
};

/** What only the schedule itself can judge. One that follows replaces what it has taken over of a state that it refuses. */
function tryRestore(where: string, state: Json, { restore }: Schedule): void {
  if (state === null) return;
  try {
    restore?.(state);
  } catch {
    throw malformed(where, 'be what its state() gave', state);
  }
}

function checkRecipe(found: string | null, wanted: string | null): void {
  if (found === wanted || wanted === null) return;
  throw new CheckpointError(
    `train: the checkpoint must be of recipe ${wanted}, got ${found}. Use another folder, or the recipe it was made with.`,
  );
}
