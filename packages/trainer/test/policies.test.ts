import {
  DivergenceError,
  decodeCheckpoint,
  failOnDivergence,
  memoryCheckpoints,
  type Policy,
  type PolicyRun,
  type RunPolicy,
  rollbackOnDivergence,
  stopEarly,
  type TrainEvent,
  train,
} from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { concat, from, type Observable, of, throwError } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { start, step, validation } from './events';
import { collect, fingerprint, heldOut, toyModel, toyRun } from './toys';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** A policy at work in a run that is validated and saved. */
const started = (policy: Policy): Required<RunPolicy> => {
  const run: PolicyRun = { model: toyModel(), validation: { every: 1 }, checkpoints: { store: memoryCheckpoints() } };
  return policy(run) as Required<RunPolicy>;
};

const through = (events: Observable<TrainEvent>, policy: Policy): Observable<TrainEvent> =>
  events.pipe(started(policy).watch);

describe('failOnDivergence', () => {
  const seen = async (events: TrainEvent[]) => {
    const passed: TrainEvent[] = [];
    const stream = through(from(events), failOnDivergence());
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
    // The largest rate there is makes weights infinite, which turns the next loss into NaN.
    const poisoned = (rate: number) => (at: number) => (at === 6 ? rate : 0.01);
    const run = train(
      toyRun(toyModel(), {
        steps: 20,
        schedule: poisoned(Number.MAX_VALUE),
        checkpoints: { store, every: 2 },
        policies: [failOnDivergence()],
      }),
    );
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
  /** Makes the seventh update one that gives infinite weights while its rate is above `limit`. */
  const poisonAbove =
    (limit: number): Policy =>
    () => ({
      name: 'poison',
      schedule: (inner) => ({
        rate: (at) => (at === 6 && inner.rate(at) > limit ? Number.MAX_VALUE : inner.rate(at)),
      }),
    });

  /** A run whose seventh update makes the weights infinite unless its rate is at most `limit`. */
  function run(limit: number) {
    const options = toyRun(toyModel(), {
      steps: 12,
      schedule: () => 0.01,
      checkpoints: { store: memoryCheckpoints(), every: 4 },
      policies: [rollbackOnDivergence({ factor: 0.1 }), poisonAbove(limit)],
    });
    return train(options);
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
    const options = toyRun(toyModel(), { schedule: () => Number.MAX_VALUE, policies: [rollbackOnDivergence()] });
    const starts: TrainEvent[] = [];
    const stream = train(options);
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
    const stream = through(failing, rollbackOnDivergence());
    await expect(collect(stream, (event) => event.type === 'start' && starts.push(event))).rejects.toThrow('disk');
    expect(starts).toHaveLength(1);
  });

  it('remembers how far it lowered the rate, whichever side knows more', () => {
    const rollback = started(rollbackOnDivergence({ factor: 0.5 }));
    const schedule = rollback.schedule({ rate: () => 0.1 });
    expect(schedule.rate(0)).toBe(0.1);
    rollback.state.restore(2);
    expect(schedule.rate(0)).toBeCloseTo(0.025, 12);
    rollback.state.restore(1);
    expect(schedule.rate(0)).toBeCloseTo(0.025, 12);
    expect(rollback.state.state()).toBe(2);
  });

  it('hands a listening schedule what it needs', () => {
    const heard: unknown[] = [];
    const inner = {
      rate: () => 1,
      observe: (metrics: unknown) => heard.push(metrics),
      state: () => 'state',
      restore: (state: unknown) => heard.push(state),
    };
    const schedule = started(rollbackOnDivergence()).schedule(inner);
    schedule.observe?.({ trainLoss: 1 });
    schedule.restore?.(schedule.state?.() ?? null);
    expect(heard).toEqual([{ trainLoss: 1 }, 'state']);
  });

  it.each([{ attempts: -1 }, { attempts: 1.5 }, { factor: 0 }, { factor: 1 }])('refuses %o', (options) => {
    expect(() => rollbackOnDivergence(options)).toThrow('rollbackOnDivergence:');
  });
});

describe('stopEarly', () => {
  const errors = (stop: Required<RunPolicy>, values: number[]) => {
    const stoppedAt: number[] = [];
    stop.signal.addEventListener('abort', () => stoppedAt.push(seen));
    let seen = 0;
    from(values.map((error, i) => validation(i + 1, { error })))
      .pipe(stop.watch)
      .subscribe(() => seen++);
    return stoppedAt[0] ?? null;
  };

  it('stops after `patience` validations without an improvement', () => {
    expect(errors(started(stopEarly({ patience: 2 })), [0.5, 0.4, 0.4, 0.3, 0.35, 0.3, 0.1])).toBe(5);
    expect(errors(started(stopEarly({ patience: 2 })), [0.5, 0.4, 0.4, 0.3, 0.35, 0.29])).toBe(null);
  });

  it('counts an improvement only beyond minDelta', () => {
    expect(errors(started(stopEarly({ patience: 2, minDelta: 0.1 })), [0.5, 0.45, 0.41])).toBe(2);
    expect(errors(started(stopEarly({ patience: 2, minDelta: 0.1 })), [0.5, 0.45, 0.39, 0.38])).toBe(null);
  });

  it('ignores test data', () => {
    const stop = started(stopEarly({ patience: 1 }));
    from([validation(1), validation(2, { split: 'test', error: 0.9 })])
      .pipe(stop.watch)
      .subscribe();
    expect(stop.signal.aborted).toBe(false);
  });

  it('goes on from its state', () => {
    const stop = started(stopEarly({ patience: 3 }));
    errors(stop, [0.5, 0.6]);
    const resumed = started(stopEarly({ patience: 3 }));
    resumed.state.restore(JSON.parse(JSON.stringify(stop.state.state())));
    expect(errors(resumed, [0.6, 0.55, 0.1])).toBe(1);
    const stopped = started(stopEarly({ patience: 3 }));
    stopped.state.restore(resumed.state.state());
    expect(stopped.signal.aborted).toBe(false);
  });

  it('ends a run and leaves the best weights in the model', async () => {
    const model = toyModel();
    const store = memoryCheckpoints();
    // The rate explodes after step 6, so that the best validation lies behind.
    const options = toyRun(model, {
      steps: 40,
      schedule: (at) => (at < 6 ? 0.05 : 30),
      validation: { batches: heldOut(), every: 2 },
      checkpoints: { store },
      policies: [stopEarly({ patience: 2, restoreBest: true })],
    });
    const weights = new Map<number, string>();
    const events = await collect(train(options), (event) => {
      if (event.type === 'evaluation') weights.set(event.step, fingerprint(model));
    });
    const end = events.at(-1);
    if (end?.type !== 'end') throw new Error('no end');
    expect(end.reason).toBe('stopped-early');
    expect(end.step).toBeGreaterThan(end.best!.step);
    expect(end.step).toBeLessThan(40);
    expect(fingerprint(model)).toBe(weights.get(end.best!.step));
  });
});

describe('policies', () => {
  const validated = { validation: { batches: heldOut(), every: 2 } };
  const failure = (options: Partial<Parameters<typeof train>[0]>) =>
    collect(train(toyRun(toyModel(), options))).then(
      () => null,
      (error: unknown) => error,
    );

  it('are refused where they could do nothing', async () => {
    expect(await failure({ policies: [stopEarly({ patience: 1 })] })).toMatchObject({
      name: 'TrainError',
      message: expect.stringContaining('the run must have a validation, which patience counts, got none'),
    });
    const policies = [stopEarly({ patience: 1, restoreBest: true })];
    expect(await failure({ ...validated, policies })).toMatchObject({
      message: expect.stringContaining('restoreBest must have checkpoints'),
    });
  });

  it('must have names of their own', async () => {
    const policies = [stopEarly({ patience: 1 }), stopEarly({ patience: 2 })];
    expect(await failure({ ...validated, policies })).toMatchObject({
      message: expect.stringContaining("got 'early' twice"),
    });
  });

  it('start anew with each subscription', async () => {
    // No error can be lower than another by more than 1: no validation improves on the first.
    const run = train(
      toyRun(toyModel(), { steps: 12, ...validated, policies: [stopEarly({ patience: 2, minDelta: 1 })] }),
    );
    for (const _ of [1, 2]) {
      expect((await collect(run)).at(-1)).toMatchObject({ type: 'end', step: 6, reason: 'stopped-early' });
    }
  });

  it('keep their counts through a resume, also of a run that goes back', async () => {
    const store = memoryCheckpoints();
    const session = (steps: number) =>
      collect(
        train(
          toyRun(toyModel(), {
            steps,
            ...validated,
            checkpoints: { store, every: 2 },
            policies: [rollbackOnDivergence(), stopEarly({ patience: 3, minDelta: 1 })],
          }),
        ),
      );
    expect((await session(4)).at(-1)).toMatchObject({ step: 4, reason: 'finished' });
    // The first validation was the best; one without an improvement was in the first session.
    expect((await session(20)).at(-1)).toMatchObject({ step: 8, reason: 'stopped-early' });
  });
});
