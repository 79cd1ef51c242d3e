import {
  adamw,
  evaluate,
  memoryCheckpoints,
  type Optimizer,
  type StepEvent,
  sgd,
  TrainError,
  type TrainEvent,
  type TrainOptions,
  train,
} from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { retry, take, tap } from 'rxjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { collect, fingerprint, heldOut, toyBatch, toyModel, toyRun, toySource } from './toys';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const steps = (events: readonly TrainEvent[]) => events.filter((event): event is StepEvent => event.type === 'step');

describe('train', () => {
  it('learns the toy classes', async () => {
    const model = toyModel();
    const events = await collect(train(toyRun(model, { steps: 150 })));
    expect(steps(events)[0]!.error).toBeGreaterThan(0.3);
    expect(events.at(-1)).toMatchObject({ type: 'end', reason: 'finished', step: 150 });
    expect((await evaluate(model, heldOut(10)())).error).toBeLessThan(0.1);
  });

  it('counts iterations, asks the schedule for each and passes over the data as often as needed', async () => {
    const asked: number[] = [];
    const schedule = (step: number) => {
      asked.push(step);
      return 0.1 / (step + 1);
    };
    const events = await collect(train(toyRun(toyModel(), { schedule, steps: 12 })));
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(steps(events).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(steps(events).map(({ epoch }) => epoch)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2]);
    expect(steps(events).map(({ batch }) => batch)).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]);
    expect(steps(events).map(({ rate }) => rate)).toEqual(asked.map((step) => 0.1 / (step + 1)));
    expect(events[0]).toMatchObject({ type: 'start', step: 0, steps: 12, parameters: 3 * 3 * 3 * 4 + 8 + 4 * 3 + 3 });
  });

  it('is cold: nothing happens before someone subscribes', async () => {
    const model = toyModel();
    const before = fingerprint(model);
    const stream = train(toyRun(model));
    await new Promise(setImmediate);
    expect(fingerprint(model)).toBe(before);
    await collect(stream);
    expect(fingerprint(model)).not.toBe(before);
  });

  it('stops after the current step when unsubscribed, and frees everything', async () => {
    const model = toyModel();
    const before = tf.memory().numTensors;
    let read = 0;
    let closed = false;
    const batches = async function* () {
      try {
        for (let i = 0; ; i += 1, read += 1) yield toyBatch(i);
      } finally {
        closed = true;
      }
    };
    const seen = await collect(train(toyRun(model, { batches, steps: 1000 })).pipe(take(4)));
    await until(() => closed);
    expect(seen.map(({ type }) => type)).toEqual(['start', 'step', 'step', 'step']);
    expect(read).toBeLessThanOrEqual(3);
    await until(() => tf.memory().numTensors === before);
  });
});

/** Waits for something to become true; the test's time limit is the limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

describe('memory', () => {
  it('does not grow over 1,000 steps and 10 evaluations', async () => {
    const model = toyModel();
    const before = tf.memory().numTensors;
    const during = new Set<number>();
    await collect(
      train(toyRun(model, { steps: 1000, batches: toySource(7, 4), validation: { batches: heldOut(), every: 100 } })),
      (event) => event.type === 'step' && event.step > 1 && during.add(tf.memory().numTensors),
    );
    expect(during.size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('does not grow with every option in use', async () => {
    const model = toyModel();
    const before = tf.memory().numTensors;
    const store = memoryCheckpoints();
    for (const steps of [20, 40]) {
      const options = {
        steps,
        optimizer: adamw(),
        validation: { batches: tensorBatches(3), every: 7 },
        test: tensorBatches(2),
        statistics: tensorBatches(2),
        batches: tensorBatches(5),
        checkpoints: { store, every: 3 },
        labelSmoothing: 0.1,
        clipNorm: 0.5,
        microBatch: 3,
        averageDecay: 0.9,
        readEvery: 4,
        reduceGradients: async (gradients: tf.Tensor[]) => gradients,
      };
      const events = await collect(train(toyRun(model, options)));
      expect(events.at(-1)).toMatchObject({ type: 'end', step: steps, reason: 'finished' });
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  describe('is freed after an exception', () => {
    let model: tf.LayersModel;
    let before: number;
    beforeEach(() => {
      model = toyModel();
      before = tf.memory().numTensors;
    });
    afterEach(() => {
      expect(tf.memory().numTensors).toBe(before);
      model.dispose();
    });
    const fails = (options: Partial<TrainOptions>) =>
      expect(collect(train(toyRun(model, { averageDecay: 0.9, ...options })))).rejects.toThrow('sabotage');
    const sabotage = (at: number) => {
      let count = 0;
      return () => {
        count += 1;
        if (count === at) throw new Error('sabotage');
      };
    };

    it.each([
      ['a forward pass', 'call', 4],
      ['an evaluation', 'call', 9],
    ])('in %s of the model', async (_, method, at) => {
      const layer = model.getLayer('pool');
      const throwing = sabotage(at);
      const original = layer.call.bind(layer);
      vi.spyOn(layer, method as 'call').mockImplementation((inputs, kwargs) => {
        throwing();
        return original(inputs, kwargs);
      });
      await fails({ validation: { batches: tensorBatches(3), every: 7 } });
    });

    it.each([1, 2, 3])('in a backward pass, part %i of three', async (at) => {
      const throwing = sabotage(at);
      const layer = model.getLayer('pool');
      const original = layer.call.bind(layer);
      vi.spyOn(layer, 'call').mockImplementation((inputs, kwargs) =>
        tf.customGrad((x) => ({
          value: original(x as tf.Tensor, kwargs) as tf.Tensor,
          gradFunc: (): tf.Tensor => {
            throwing();
            return tf.zeros((x as tf.Tensor).shape);
          },
        }))(Array.isArray(inputs) ? inputs[0]! : inputs),
      );
      await fails({ microBatch: 3 });
    });

    it.each([1, 3])('in batch %i of the data', (at) => {
      const throwing = sabotage(at);
      const batches = async function* () {
        for await (const batch of tensorBatches(5)()) {
          yield batch;
          throwing();
        }
      };
      return fails({ batches });
    });

    it('in the validation data', () => {
      const batches = async function* () {
        yield* tensorBatches(2)();
        throw new Error('sabotage');
      };
      return fails({ validation: { batches, every: 3 } });
    });

    it('in the labels', () => {
      const batches = async function* () {
        yield* tensorBatches(2)();
        const { images } = toyBatch(1);
        yield { images: tf.tensor((images as { data: Float32Array }).data, [8, 4, 4, 3]), labels: Int32Array.of(1, 2) };
      };
      const result = collect(train(toyRun(model, { batches })));
      return expect(result).rejects.toThrow(/a batch of 8 images .* got 2 labels/);
    });

    it('in reduceGradients', () => {
      const throwing = sabotage(3);
      return fails({
        reduceGradients: async (gradients) => {
          throwing();
          return gradients;
        },
      });
    });

    it('in the optimizer', () => {
      const optimizer = sgd();
      const throwing = sabotage(3);
      const apply: Optimizer['apply'] = (...args) => {
        throwing();
        optimizer.apply(...args);
      };
      return fails({
        optimizer: { ...optimizer, apply },
        clipNorm: 1,
      });
    });

    it('in the schedule', () => fails({ schedule: sabotageAt(3) }));

    it('with losses that were not read yet', () => fails({ schedule: sabotageAt(7), readEvery: 4 }));

    it('in a subscriber’s operator', async () => {
      const stream = train(toyRun(model, { averageDecay: 0.9 })).pipe(
        tap((event) => {
          if (event.type === 'step' && event.step === 3) throw new Error('sabotage');
        }),
      );
      await expect(collect(stream)).rejects.toThrow('sabotage');
      await until(() => tf.memory().numTensors === before);
    });
  });
});

const sabotageAt = (at: number) => (step: number) => {
  if (step === at) throw new Error('sabotage');
  return 0.1;
};

/** Batches whose images are tensors, which the trainer is to dispose. */
const tensorBatches = (count: number) =>
  async function* () {
    for (let i = 0; i < count; i += 1) {
      const { images, labels } = toyBatch(i);
      yield { images: tf.tensor((images as { data: Float32Array }).data, [8, 4, 4, 3]), labels };
    }
  };

describe('a model', () => {
  it('is trained by one subscription at a time', async () => {
    const stream = train(toyRun(toyModel(), { steps: 5 }));
    const first = collect(stream);
    await expect(collect(stream)).rejects.toThrow(/one subscription at a time, got a second\. Use share\(\)\./);
    expect((await first).at(-1)).toMatchObject({ type: 'end', step: 5 });
  });

  it('can be taken over within the event that ends the first run', async () => {
    const model = toyModel();
    const before = tf.memory().numTensors;
    let failed = false;
    const stream = train(toyRun(model, { steps: 5, checkpoints: { store: memoryCheckpoints(), every: 2 } })).pipe(
      tap((event) => {
        if (failed || event.type !== 'step' || event.step !== 3) return;
        failed = true;
        throw new Error('once');
      }),
      retry(1),
    );
    const events = await collect(stream);
    expect(steps(events).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    expect(events.filter(({ type }) => type === 'start')).toMatchObject([{ step: 0 }, { step: 2 }]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('settings', () => {
  it.each([
    [{ steps: 0 }, 'train: steps must be a positive integer, got 0. Count in iterations or images.'],
    [{ microBatch: 1.5 }, 'train: microBatch must be a positive integer, got 1.5. Count in iterations or images.'],
    [{ labelSmoothing: 1 }, 'train: labelSmoothing must be at least 0 and below 1, got 1. Try 0.1.'],
    [{ averageDecay: -1 }, 'train: averageDecay must be at least 0 and below 1, got -1. Try 0.999.'],
    [{ clipNorm: 0 }, 'train: clipNorm must be above 0, got 0. Leave it out for no limit.'],
  ])('%j is refused', (options, message) =>
    expect(collect(train(toyRun(toyModel(), options)))).rejects.toThrow(new TrainError(message)),
  );

  it('a source that gives nothing in its second epoch is named', () => {
    const once = heldOut(2)();
    return expect(collect(train(toyRun(toyModel(), { batches: once })))).rejects.toThrow(
      /every epoch must have a batch, got none in epoch 1\. Pass a function/,
    );
  });
});
