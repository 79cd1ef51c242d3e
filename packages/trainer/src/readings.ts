import * as tf from '@tensorflow/tfjs';
import type { StepEvent } from './events';
import type { Session } from './session';

/** What is known of a step before its loss is read. */
type Dispatched = Omit<StepEvent, 'type' | 'loss' | 'error' | 'meanLoss' | 'meanError' | 'seconds'>;

/** Steps whose losses are still on the device. */
export interface Readings {
  /** Takes over `measured`, `[loss, error]`. */
  add(step: Dispatched, measured: tf.Tensor): void;
  /** Reads all losses in one go; the schedule hears them, `emit` gets the events. */
  flush(emit: (event: StepEvent) => void): Promise<void>;
  /** The next step's time begins now. */
  restartClock(): void;
  readonly pending: number;
  dispose(): void;
}

/** Nothing pending. */
export function readings({ schedule, losses, errors }: Session): Readings {
  let steps: { step: Dispatched; measured: tf.Tensor }[] = [];
  let clock = performance.now();
  const dispose = () => {
    tf.dispose(steps.map(({ measured }) => measured));
    steps = [];
  };
  return {
    add: (step, measured) => steps.push({ step, measured }),
    flush: async (emit) => {
      if (steps.length === 0) return;
      const values = await read(steps.map(({ measured }) => measured));
      const now = performance.now();
      // On a device that runs behind, only the whole stretch has a time.
      const seconds = (now - clock) / 1000 / steps.length;
      clock = now;
      const events = steps.map(({ step }, i): StepEvent => {
        const [loss, error] = [values[2 * i]!, values[2 * i + 1]!];
        const [meanLoss, meanError] = [losses.push(loss), errors.push(error)];
        schedule.observe?.({ trainLoss: meanLoss, trainError: meanError });
        return { type: 'step', ...step, loss, error, meanLoss, meanError, seconds };
      });
      dispose();
      events.forEach(emit);
    },
    restartClock: () => {
      clock = performance.now();
    },
    get pending() {
      return steps.length;
    },
    dispose,
  };
}

async function read(tensors: tf.Tensor[]): Promise<ArrayLike<number>> {
  if (tensors.length === 1) return tensors[0]!.data();
  const stacked = tf.stack(tensors);
  try {
    return await stacked.data();
  } finally {
    stacked.dispose();
  }
}
