import type { Json, Schedule } from '@resnet/trainer';

/** A schedule with state: low until the training error falls below `below`, then tenfold, halved on a bad validation. */
export function listening(below = 0.6): Schedule {
  let state = { warm: false, best: Number.MAX_VALUE, factor: 1, heard: 0 };
  return {
    rate: () => (state.warm ? 0.1 : 0.01) * state.factor,
    observe: ({ trainError, validationLoss }) => {
      state.heard += 1;
      if (trainError !== undefined && trainError < below) state.warm = true;
      if (validationLoss === undefined) return;
      if (validationLoss >= state.best) state.factor /= 2;
      else state.best = validationLoss;
    },
    state: () => ({ ...state }),
    restore: (json: Json) => {
      state = { ...(json as typeof state) };
    },
  };
}
