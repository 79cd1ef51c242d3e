import {
  constant,
  cosine,
  exponential,
  type Json,
  multistep,
  oneCycle,
  plateau,
  polynomial,
  restarts,
  type Schedule,
  ScheduleError,
  sequence,
  stepDecay,
  warmup,
  warmupUntil,
} from '@resnet/schedulers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const impatient = () => plateau({ base: 0.1, metric: 'trainError', patience: 1, cooldown: 1, factor: 0.7 });

/** One maker for each kind, and the stateful ones inside each other. */
const kinds: [string, () => Schedule][] = [
  ['constant', () => constant(0.1)],
  ['stepDecay', () => stepDecay({ base: 0.1, every: 7 })],
  ['multistep', () => multistep({ base: 0.1, milestones: [5, 11] })],
  ['exponential', () => exponential({ base: 0.1, factor: 0.97 })],
  ['polynomial', () => polynomial({ base: 0.1, steps: 25, power: 0.9 })],
  ['cosine', () => cosine({ base: 0.1, steps: 25 })],
  ['restarts', () => restarts({ base: 0.1, steps: 3, multiplier: 1.5 })],
  ['oneCycle', () => oneCycle({ maxRate: 0.4, steps: 25 })],
  ['plateau', impatient],
  ['plateau, max', () => plateau({ base: 0.1, metric: 'trainError', mode: 'max', patience: 0, thresholdMode: 'abs' })],
  ['warmup of a plateau', () => warmup({ steps: 6, next: impatient() })],
  [
    'sequence',
    () => sequence({ schedules: [impatient(), cosine({ base: 0.2, steps: 9 }), impatient()], milestones: [9, 16] }),
  ],
  ['warmupUntil', () => warmupUntil({ rate: 0.01, below: 0.3, next: multistep({ base: 0.1, milestones: [15] }) })],
  [
    'warmupUntil, then warmup of a plateau',
    () => warmupUntil({ rate: 0.01, below: 0.3, next: warmup({ steps: 9, next: impatient() }) }),
  ],
];

/** Follows a schedule as a trainer does: a rate, then what the step measured. */
const follow = (schedule: Schedule, errors: readonly number[], from: number): number[] =>
  errors.map((trainError, i) => {
    const rate = schedule.rate(from + i);
    schedule.observe?.({ trainError });
    return rate;
  });

const errors = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 30, maxLength: 30 });

describe.each(kinds)('%s', (_, make) => {
  it('continues bit for bit from its state as JSON', () => {
    fc.assert(
      fc.property(errors, fc.nat(30), (metrics, stop) => {
        const whole = make();
        const first = make();
        const expected = follow(whole, metrics, 0);
        const head = follow(first, metrics.slice(0, stop), 0);
        const text = JSON.stringify(first.state?.() ?? null);
        const second = make();
        second.restore?.(JSON.parse(text));
        expect([...head, ...follow(second, metrics.slice(stop), stop)]).toEqual(expected);
        expect(second.state?.()).toEqual(whole.state?.());
      }),
    );
  });

  it('gives the same rate however often it is asked, from 0 up and never negative', () => {
    const schedule = make();
    for (let at = 0; at < 40; at++) {
      const rate = schedule.rate(at);
      expect(schedule.rate(at)).toBe(rate);
      expect(Number.isFinite(rate) && rate >= 0).toBe(true);
    }
  });

  it('does not take a step that is none', () => {
    for (const bad of [-1, Number.NaN, Infinity]) expect(() => make().rate(bad)).toThrow(ScheduleError);
  });

  it('does not take a state that is not its own', () => {
    const schedule = make();
    if (!schedule.restore) return expect(schedule.state).toBeUndefined();
    const foreign: Json[] = [null, 3, 'state', [], {}, { rate: 'fast' }];
    for (const bad of foreign) {
      expect(() => schedule.restore?.(bad)).toThrow(/state must be what state\(\) gave, got .*same options/);
    }
  });
});

it('does not hand the state of a plateau to a part without state', () => {
  const saved = sequence({ schedules: [constant(1), impatient()], milestones: [3] }).state?.() ?? null;
  const other = sequence({ schedules: [constant(1), constant(2)], milestones: [3] });
  expect(() => other.restore?.(saved)).toThrow(ScheduleError);
});
