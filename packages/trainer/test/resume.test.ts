import {
  adamw,
  type BatchSource,
  type CheckpointStore,
  type Json,
  memoryCheckpoints,
  newestCheckpoint,
  type StartEvent,
  type TrainEvent,
  type TrainOptions,
  train,
} from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { takeWhile } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { listening } from './listening';
import { collect, fingerprint, heldOut, metricLog, random, toyModel, toyRun, toySource } from './toys';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** A run with every kind of state, new objects each time, as in a new process. */
function life(store: CheckpointStore, options: Partial<TrainOptions> = {}): TrainOptions {
  const random = noise();
  return toyRun(toyModel(), {
    steps: 24,
    schedule: listening(),
    batches: toySource(5, 6),
    validation: { batches: heldOut(), every: 6 },
    averageDecay: 0.9,
    labelSmoothing: 0.1,
    clipNorm: 1,
    states: { random },
    reduceGradients: random.onGradients,
    checkpoints: { store, every: 4 },
    ...options,
  });
}

/** A random generator whose state is how often it was asked, and gradients that depend on it. */
function noise() {
  let draw = random(3);
  let count = 0;
  return {
    state: () => count,
    restore: (state: Json) => {
      draw = random(3);
      for (count = 0; count < Number(state); count += 1) draw();
    },
    onGradients: (gradients: tf.Tensor[]) => {
      count += 1;
      const factor = 0.5 + draw();
      const noisy = tf.tidy(() => gradients.map((gradient) => tf.mul(gradient, factor)));
      tf.dispose(gradients);
      return noisy;
    },
  };
}

/** SHA-256 of the model and of all tensors in the last checkpoint: weights, statistics, momentum, averages, windows. */
async function outcome(options: TrainOptions, store: CheckpointStore) {
  const found = await newestCheckpoint(store, (message) => expect.unreachable(message));
  const { progress, tensors, ...states } = found!.contents;
  const { seconds: _, ...validation } = progress.validation!;
  const bytes = [...tensors].map(([name, { data }]) => [name, Buffer.from(data.slice().buffer).toString('hex')]);
  return { model: fingerprint(options.model), progress: { ...progress, validation }, states, bytes };
}

/** What the log of a run looks like that was cut back to where each life began, as the start event asks. */
function joined(lives: readonly TrainEvent[][]): string[] {
  return lives.reduce<string[]>((log, events) => {
    const start = events.find((event): event is StartEvent => event.type === 'start')!;
    const kept = log.filter((line) => {
      const { type, step } = JSON.parse(line);
      return step < start.step || (step === start.step && !(type === 'evaluation' && start.evaluationPending));
    });
    return [...kept, ...metricLog(events)];
  }, []);
}

async function uninterrupted(options: Partial<TrainOptions> = {}) {
  const store = memoryCheckpoints();
  const run = life(store, options);
  const events = await collect(train(run));
  return { log: metricLog(events), outcome: await outcome(run, store) };
}

/** Aborts one life at each of the moments, lets the next finish, and expects nothing to differ. */
async function expectSameWhenAborted(
  moments: readonly ((event: TrainEvent) => boolean)[],
  options: () => Partial<TrainOptions>,
  expected: Awaited<ReturnType<typeof uninterrupted>>,
) {
  const store = memoryCheckpoints();
  const lives: TrainEvent[][] = [];
  for (const moment of moments) {
    const controller = new AbortController();
    const abort = (event: TrainEvent) => moment(event) && controller.abort();
    const events = await collect(train(life(store, { ...options(), signal: controller.signal })), abort);
    expect(events.at(-1)).toMatchObject({ type: 'end', reason: 'aborted' });
    lives.push(events);
  }
  const run = life(store, options());
  lives.push(await collect(train(run)));
  expect(lives.at(-1)![0]).toMatchObject({ type: 'start', resumedFrom: expect.any(String) });
  expect(joined(lives)).toEqual(expected.log);
  expect(await outcome(run, store)).toEqual(expected.outcome);
}

/** Every other batch of the toys. */
const withGaps: BatchSource = async function* (epoch, firstBatch) {
  let index = firstBatch;
  for await (const batch of toySource(5, 6)(epoch, firstBatch)) {
    if (index % 2 === 0) yield { ...batch, index };
    index += 1;
  }
};

const atStep = (step: number) => (event: TrainEvent) => event.type === 'step' && event.step === step;

describe('a resumed run equals an uninterrupted one', () => {
  let expected: Awaited<ReturnType<typeof uninterrupted>>;
  beforeAll(async () => {
    expected = await uninterrupted();
  });

  it('when its subscriber left at random steps', async () => {
    const draw = random(5);
    const store = memoryCheckpoints();
    const lives: TrainEvent[][] = [];
    for (let i = 0; i < 10; i += 1) {
      const last = 1 + Math.floor(draw() * 24);
      lives.push(await collect(train(life(store)).pipe(takeWhile((e) => e.type !== 'step' || e.step < last, true))));
    }
    const run = life(store);
    lives.push(await collect(train(run)));
    expect(joined(lives)).toEqual(expected.log);
    expect(await outcome(run, store)).toEqual(expected.outcome);
  });

  it.each([1, 4, 5, 6, 7, 11, 12, 17, 23, 24])('when aborted after step %i', (step) =>
    expectSameWhenAborted([atStep(step)], () => ({}), expected),
  );

  it('when aborted again and again', () =>
    expectSameWhenAborted([3, 5, 6, 10, 18, 19].map(atStep), () => ({}), expected));

  it('when aborted after an evaluation', () =>
    expectSameWhenAborted([(event) => event.type === 'evaluation' && event.step === 12], () => ({}), expected));

  it('when aborted within an evaluation, which is then done anew', async () => {
    const store = memoryCheckpoints();
    const controller = new AbortController();
    let images = 0;
    const cut = async function* () {
      for await (const batch of heldOut()()) {
        images += 1;
        if (images === 5) controller.abort();
        yield batch;
      }
    };
    const validation = { batches: cut, every: 6 };
    const first = await collect(train(life(store, { validation, signal: controller.signal })));
    expect(first.at(-1)).toMatchObject({ type: 'end', reason: 'aborted', step: 12 });
    const run = life(store);
    const second = await collect(train(run));
    expect(second[0]).toMatchObject({ type: 'start', step: 12, evaluationPending: true });
    expect(second[1]).toMatchObject({ type: 'evaluation', step: 12 });
    expect(joined([first, second])).toEqual(expected.log);
    expect(await outcome(run, store)).toEqual(expected.outcome);
  });

  const variants: [string, () => Partial<TrainOptions>][] = [
    ['adamw', () => ({ optimizer: adamw() })],
    ['gradients added up from parts', () => ({ microBatch: 4 })],
    ['losses read every three steps', () => ({ readEvery: 3 })],
    [
      'batches that start over',
      () => ({ batches: { [Symbol.asyncIterator]: () => toySource(5, 6)(0, 0)[Symbol.asyncIterator]() } }),
    ],
    ['batches left out, as broken images are', () => ({ batches: withGaps })],
    ['statistics estimated anew at the end', () => ({ statistics: heldOut(4) })],
  ];
  it.each(variants)('with %s', async (_, options) => {
    const expected = await uninterrupted(options());
    await expectSameWhenAborted([2, 7, 12, 24].map(atStep), options, expected);
  });
});
