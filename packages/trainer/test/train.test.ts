import { evaluate, type StepEvent, sgd, type TrainEvent, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { take } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
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
});
void sgd;
