import {
  DivergenceError,
  decodeCheckpoint,
  failOnDivergence,
  memoryCheckpoints,
  rollbackOnDivergence,
  stopEarly,
  type TrainEvent,
  train,
} from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { concat, from, of, throwError } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { start, step, validation } from './events';
import { collect, fingerprint, heldOut, toyModel, toyRun } from './toys';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('failOnDivergence', () => {
  const seen = async (events: TrainEvent[]) => {
    const passed: TrainEvent[] = [];
    const stream = from(events).pipe(failOnDivergence());
    const error = await new Promise((resolve) =>
      stream.subscribe({ next: (event) => passed.push(event), error: resolve, complete: () => resolve(null) }),
    );
    return { passed, error };
  };

  it('lets finite losses pass', async () => {
    const events = [start(), step(1), validation(1)];
    expect(await seen(events)).toEqual({ passed: events, error: null });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('fails at once on %d', async (loss) => {
    const { passed, error } = await seen([start(), step(1), step(2, { loss, rate: 0.5 }), step(3)]);
    expect(passed).toHaveLength(2);
    expect(error).toBeInstanceOf(DivergenceError);
    expect(error).toMatchObject({
      step: 2,
      loss,
      rate: 0.5,
      message: expect.stringContaining(`got ${loss} at step 2 (rate 0.5)`),
    });
  });

  it('fails on a validation loss, too', async () => {
    const { error } = await seen([start(), validation(4, { loss: Number.NaN })]);
    expect(error).toMatchObject({ step: 4, rate: null });
  });

  it('fails on weights that are not finite, whatever the loss says', async () => {
    const warning = {
      type: 'warning',
      step: 6,
      message: 'checkpoint not written',
      notFinite: 'model/fc/kernel',
    } as const;
    const { error } = await seen([start(), step(6), warning, step(7)]);
    expect(error).toBeInstanceOf(DivergenceError);
    expect(error).toMatchObject({
      step: 6,
      rate: null,
      message: expect.stringContaining('model/fc/kernel must stay finite'),
    });
    const other = { type: 'warning', step: 6, message: 'checkpoint not written: disk full' } as const;
    expect((await seen([start(), other])).error).toBeNull();
  });

  it('stops a run within a step, and nothing that is not finite is in its checkpoints', async () => {
    const store = memoryCheckpoints({ keep: 100 });
    const poisoned = (rate: number) => (at: number) => (at === 6 ? rate : 0.01);
    const run = train(
      toyRun(toyModel(), { steps: 20, schedule: poisoned(Number.NaN), checkpoints: { store, every: 2 } }),
    ).pipe(failOnDivergence());
    const steps: number[] = [];
    await expect(collect(run, (event) => steps.push(event.step))).rejects.toThrow('at step 8');
    expect(Math.max(...steps)).toBe(7);
    expect(await store.list()).toEqual(['6', '4', '2']);
    for (const name of await store.list()) {
      const { tensors } = await decodeCheckpoint(await store.read(name));
      for (const { data } of tensors.values()) expect([...data].map(Number).every(Number.isFinite)).toBe(true);
    }
  });
});

describe('rollbackOnDivergence', () => {
  /** A run whose seventh update makes the weights NaN unless its rate is at most `limit`. */
  function run(limit: number) {
    const rollback = rollbackOnDivergence({ factor: 0.1 });
    const { rate } = rollback.schedule(() => 0.01);
    const options = toyRun(toyModel(), {
      steps: 12,
      schedule: (at) => (at === 6 && rate(at) > limit ? Number.NaN : rate(at)),
      states: { rollback },
      checkpoints: { store: memoryCheckpoints(), every: 4 },
    });
    return train(options).pipe(failOnDivergence(), rollback.operator);
  }

  it('goes back to the last checkpoint with a lower rate until the run gets past', async () => {
    const events = await collect(run(0.0005));
    const story = events.flatMap((event) =>
      event.type === 'step' ? `${event.step}` : event.type === 'checkpoint' ? [] : `${event.type} ${event.step}`,
    );
    expect(story.join(' ')).toBe(
      'start 0 1 2 3 4 5 6 7 start 4 warning 4 5 6 7 start 4 warning 4 5 6 7 8 9 10 11 12 end 12',
    );
    const warnings = events.flatMap((event) => (event.type === 'warning' ? event.message : []));
    expect(warnings[0]).toMatch(/at step 8.*rate times 0\.1 \(1 of 3\)/);
    expect(events.filter((event) => event.type === 'step').at(-1)?.rate).toBeCloseTo(0.01 * 0.01, 12);
  });

  it('gives up after three times', async () => {
    const starts: TrainEvent[] = [];
    const stream = run(1e-9);
    await expect(collect(stream, (event) => event.type === 'start' && starts.push(event))).rejects.toThrow(
      DivergenceError,
    );
    expect(starts).toHaveLength(4);
  });

  it('fails where there is no checkpoint to go back to', async () => {
    const rollback = rollbackOnDivergence();
    const options = toyRun(toyModel(), { schedule: rollback.schedule(() => Number.NaN) });
    const starts: TrainEvent[] = [];
    const stream = train(options).pipe(failOnDivergence(), rollback.operator);
    await expect(collect(stream, (event) => event.type === 'start' && starts.push(event))).rejects.toThrow(
      DivergenceError,
    );
    expect(starts).toHaveLength(1);
  });

  it('leaves other errors alone', async () => {
    const starts: TrainEvent[] = [];
    const failing = concat(
      of(start(4), step(5)),
      throwError(() => new Error('disk')),
    );
    const stream = failing.pipe(failOnDivergence(), rollbackOnDivergence().operator);
    await expect(collect(stream, (event) => event.type === 'start' && starts.push(event))).rejects.toThrow('disk');
    expect(starts).toHaveLength(1);
  });

  it('remembers how far it lowered the rate, whichever side knows more', () => {
    const rollback = rollbackOnDivergence({ factor: 0.5 });
    const schedule = rollback.schedule(() => 0.1);
    expect(schedule.rate(0)).toBe(0.1);
    rollback.restore(2);
    expect(schedule.rate(0)).toBeCloseTo(0.025, 12);
    rollback.restore(1);
    expect(schedule.rate(0)).toBeCloseTo(0.025, 12);
    expect(rollback.state()).toBe(2);
  });

  it('hands a listening schedule what it needs', () => {
    const heard: unknown[] = [];
    const inner = {
      rate: () => 1,
      observe: (metrics: unknown) => heard.push(metrics),
      state: () => 'state',
      restore: (state: unknown) => heard.push(state),
    };
    const schedule = rollbackOnDivergence().schedule(inner);
    schedule.observe?.({ trainLoss: 1 });
    schedule.restore?.(schedule.state?.() ?? null);
    expect(heard).toEqual([{ trainLoss: 1 }, 'state']);
  });

  it.each([{ attempts: -1 }, { attempts: 1.5 }, { factor: 0 }, { factor: 1 }])('refuses %o', (options) => {
    expect(() => rollbackOnDivergence(options)).toThrow('rollbackOnDivergence:');
  });
});

describe('stopEarly', () => {
  const errors = (stop: ReturnType<typeof stopEarly>, values: number[]) => {
    const stoppedAt: number[] = [];
    stop.signal.addEventListener('abort', () => stoppedAt.push(seen));
    let seen = 0;
    from(values.map((error, i) => validation(i + 1, { error })))
      .pipe(stop.operator)
      .subscribe(() => seen++);
    return stoppedAt[0] ?? null;
  };

  it('stops after `patience` validations without an improvement', () => {
    expect(errors(stopEarly({ patience: 2 }), [0.5, 0.4, 0.4, 0.3, 0.35, 0.3, 0.1])).toBe(5);
    expect(errors(stopEarly({ patience: 2 }), [0.5, 0.4, 0.4, 0.3, 0.35, 0.29])).toBe(null);
  });

  it('counts an improvement only beyond minDelta', () => {
    expect(errors(stopEarly({ patience: 2, minDelta: 0.1 }), [0.5, 0.45, 0.41])).toBe(2);
    expect(errors(stopEarly({ patience: 2, minDelta: 0.1 }), [0.5, 0.45, 0.39, 0.38])).toBe(null);
  });

  it('ignores test data', () => {
    const stop = stopEarly({ patience: 1 });
    from([validation(1), validation(2, { split: 'test', error: 0.9 })])
      .pipe(stop.operator)
      .subscribe();
    expect(stop.signal.aborted).toBe(false);
  });

  it('goes on from its state', () => {
    const stop = stopEarly({ patience: 3 });
    errors(stop, [0.5, 0.6]);
    const resumed = stopEarly({ patience: 3 });
    resumed.restore(JSON.parse(JSON.stringify(stop.state())));
    expect(errors(resumed, [0.6, 0.55, 0.1])).toBe(1);
    const stopped = stopEarly({ patience: 3 });
    stopped.restore(resumed.state());
    expect(stopped.signal.aborted).toBe(false);
  });

  it('ends a run and leaves the best weights in the model', async () => {
    const model = toyModel();
    const store = memoryCheckpoints();
    const stop = stopEarly({ patience: 2, restore: { model, checkpoints: store } });
    // The rate explodes after step 6, so that the best validation lies behind.
    const options = toyRun(model, {
      steps: 40,
      schedule: (at) => (at < 6 ? 0.05 : 30),
      validation: { batches: heldOut(), every: 2 },
      checkpoints: { store },
      signal: stop.signal,
      states: { stop },
    });
    const weights = new Map<number, string>();
    const events = await collect(train(options).pipe(stop.operator), (event) => {
      if (event.type === 'evaluation') weights.set(event.step, fingerprint(model));
    });
    const end = events.at(-1);
    if (end?.type !== 'end') throw new Error('no end');
    expect(end.reason).toBe('aborted');
    expect(end.step).toBeGreaterThan(end.best!.step);
    expect(end.step).toBeLessThan(40);
    expect(fingerprint(model)).toBe(weights.get(end.best!.step));
  });
});
