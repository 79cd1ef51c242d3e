import type * as tf from '@tensorflow/tfjs';
import { defer, Observable } from 'rxjs';
import { TrainError } from './errors';
import type { TrainEvent } from './events';
import { loop } from './loop';
import type { RunPolicy } from './policies/policy';
import { startPolicies, watched, withPolicies } from './policies/start';
import type { TrainOptions } from './train-options';

/**
 * Trains while anyone is subscribed. Unsubscribing stops after the current step and frees everything but the model.
 *
 * Cold: each subscription is a run of its own, which begins with the schedule and `states` as they were when `train` was called, and with
 * the model's present weights, or with the newest checkpoint. Events are emitted inside the loop, which goes on when
 * the subscriber returns; evaluations and checkpoints are awaited there, so nobody sees weights that already moved on.
 *
 * @throws (as the stream's error) TrainError for options that can't be trained with and CheckpointError for a
 *   checkpoint of another model or recipe; whatever the model, the data, a policy or a subscriber's operator throws.
 */
export function train(options: TrainOptions): Observable<TrainEvent> {
  const restoreInitial = initialStates(options);
  return defer(() => {
    const policies = startPolicies(options);
    return watched(run(options, policies, restoreInitial), policies);
  });
}

/** The run without its policies' operators, which may subscribe to it again. */
function run(
  options: TrainOptions,
  policies: readonly RunPolicy[],
  restoreInitial: () => void,
): Observable<TrainEvent> {
  const effective = withPolicies(options, policies);
  const early = policies.flatMap(({ signal }) => signal ?? []);
  return new Observable((subscriber) => {
    const unsubscribed = () => subscriber.closed;
    const start = async () => {
      restoreInitial();
      await loop(effective, early, { emit: (event) => subscriber.next(event), unsubscribed });
    };
    alone(options.model, unsubscribed, start).then(
      () => subscriber.complete(),
      (error) => subscriber.error(error),
    );
  });
}

/** Remembers the states of the schedule and of what travels along; the result restores them. */
function initialStates({ schedule, states = {} }: TrainOptions): () => void {
  const remembered = [
    ...Object.values(states),
    ...(typeof schedule === 'object' && schedule !== null ? [schedule] : []),
  ].map((stateful) => {
    const state = stateful.state?.();
    return () => {
      if (state !== undefined) stateful.restore?.(state);
    };
  });
  return () => {
    for (const restore of remembered) restore();
  };
}

interface Training {
  readonly unsubscribed: () => boolean;
  readonly done: Promise<void>;
}

const trainings = new WeakMap<tf.LayersModel, Training>();

// A subscriber that goes back to a checkpoint subscribes anew while the run it left still finishes its step.
async function alone(model: tf.LayersModel, unsubscribed: () => boolean, start: () => Promise<void>): Promise<void> {
  await null;
  const previous = trainings.get(model);
  if (previous && !previous.unsubscribed()) {
    throw new TrainError('train: a model must be trained by one subscription at a time, got a second. Use share().');
  }
  const done = (previous?.done ?? Promise.resolve())
    .catch(() => undefined)
    .then(() => (unsubscribed() ? undefined : start()));
  const training = { unsubscribed, done };
  trainings.set(model, training);
  try {
    await done;
  } finally {
    if (trainings.get(model) === training) trainings.delete(model);
  }
}
