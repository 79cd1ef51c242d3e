import type * as tf from '@tensorflow/tfjs';
import { Observable } from 'rxjs';
import { TrainError } from './errors';
import type { TrainEvent } from './events';
import { loop } from './loop';
import type { TrainOptions } from './train-options';

/**
 * Trains while anyone is subscribed. Unsubscribing stops after the current step and frees everything but the model.
 *
 * Cold: each subscription is a run of its own, which begins with the schedule and `states` as they were when `train` was called, and with
 * the model's present weights, or with the newest checkpoint. Events are emitted inside the loop, which goes on when
 * the subscriber returns; evaluations and checkpoints are awaited there, so nobody sees weights that already moved on.
 *
 * @throws (as the stream's error) TrainError for options that can't be trained with and CheckpointError for a
 *   checkpoint of another model or recipe; whatever the model, the data or a subscriber's operator throws.
 */
export function train(options: TrainOptions): Observable<TrainEvent> {
  const restoreInitial = initialStates(options);
  return new Observable((subscriber) => {
    const start = async () => {
      restoreInitial();
      await loop(options, { emit: (event) => subscriber.next(event), canceled: () => subscriber.closed });
    };
    alone(options.model, () => subscriber.closed, start).then(
      () => subscriber.complete(),
      (error) => subscriber.error(error),
    );
  });
}

/** Remembers the states of the schedule and of what travels along; the result restores them. */
function initialStates({ schedule, states = {} }: TrainOptions): () => void {
  const remembered = [...Object.values(states), ...(typeof schedule === 'function' ? [] : [schedule])].map(
    (stateful) => {
      const state = stateful.state?.();
      return () => {
        if (state !== undefined) stateful.restore?.(state);
      };
    },
  );
  return () => {
    for (const restore of remembered) restore();
  };
}

interface Training {
  readonly canceled: () => boolean;
  readonly done: Promise<void>;
}

const trainings = new WeakMap<tf.LayersModel, Training>();

// A subscriber that goes back to a checkpoint subscribes anew while the run it left still finishes its step.
async function alone(model: tf.LayersModel, canceled: () => boolean, start: () => Promise<void>): Promise<void> {
  await null;
  const previous = trainings.get(model);
  if (previous && !previous.canceled()) {
    throw new TrainError('train: a model must be trained by one subscription at a time, got a second. Use share().');
  }
  const done = (previous?.done ?? Promise.resolve())
    .catch(() => undefined)
    .then(() => (canceled() ? undefined : start()));
  const training = { canceled, done };
  trainings.set(model, training);
  try {
    await done;
  } finally {
    if (trainings.get(model) === training) trainings.delete(model);
  }
}
