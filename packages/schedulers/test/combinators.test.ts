import { constant, cosine, multistep, plateau, schedule, sequence, warmup, warmupUntil } from '@resnet/schedulers';
import { describe, expect, it } from 'vitest';
import { rates } from './golden';

describe('warmupUntil', () => {
  const resnet110 = () =>
    warmupUntil({ rate: 0.01, below: 0.8, next: multistep({ base: 0.1, milestones: [32_000, 48_000] }) });

  it("is ResNet-110's: 0.01 until the training error is below 80 %, then the usual boundaries (§4.2)", () => {
    const followed = resnet110();
    expect(followed.rate(0)).toBe(0.01);
    followed.observe?.({ trainLoss: 2.1, trainError: 0.8 });
    expect(followed.rate(1)).toBe(0.01);
    followed.observe?.({ trainLoss: 2, trainError: 0.79 });
    expect([2, 31_999, 32_000, 47_999].map((step) => followed.rate(step))).toEqual([0.1, 0.1, 0.1 * 0.1, 0.1 * 0.1]);
    expect(followed.rate(48_000)).toBeCloseTo(0.001, 15);
  });

  it('does not warm up a second time', () => {
    const followed = resnet110();
    followed.observe?.({ trainError: 0.5 });
    followed.observe?.({ trainError: 0.9 });
    expect(followed.rate(9)).toBe(0.1);
  });

  it('waits for its own metric, and for a number', () => {
    const followed = resnet110();
    followed.observe?.({ validationError: 0.1 });
    followed.observe?.({ trainError: Number.NaN });
    expect(followed.rate(2)).toBe(0.01);
  });

  it('hands on measurements only when the warm-up is over', () => {
    const next = plateau({ base: 0.1, metric: 'trainError', patience: 0 });
    const followed = warmupUntil({ rate: 0.01, below: 0.5, next });
    for (const trainError of [0.9, 0.9, 0.4]) followed.observe?.({ trainError });
    expect(next.rate(0)).toBe(0.1);
    for (const trainError of [0.4, 0.4]) followed.observe?.({ trainError });
    expect(followed.rate(5)).toBeCloseTo(0.01, 15);
  });
});

describe('sequence', () => {
  it('counts each part from its own start', () => {
    const parts = [schedule((step) => 10 + step), schedule((step) => 20 + step), schedule((step) => 30 + step)];
    expect(rates(sequence({ schedules: parts, milestones: [2, 5] }), 7)).toEqual([10, 11, 20, 21, 22, 30, 31]);
  });

  it('hands measurements to the part that gave the latest rate', () => {
    const parts = [plateau({ base: 1, patience: 0 }), plateau({ base: 1, patience: 0 })] as const;
    const both = sequence({ schedules: parts, milestones: [2] });
    for (const step of [0, 1, 2]) {
      both.rate(step);
      both.observe?.({ validationLoss: 1 });
    }
    expect(parts.map((part) => part.rate(0))).toEqual([0.1, 1]);
  });
});

describe('warmup', () => {
  it('rises to the first rate of what follows, then hands over', () => {
    expect(rates(warmup({ steps: 4, from: 0, next: constant(0.4) }), 6)).toEqual([0, 0.1, 0.2, 0.4 * 0.75, 0.4, 0.4]);
  });

  it('takes fractions of the unit', () => {
    expect(warmup({ steps: 1, from: 0, next: constant(1) }).rate(0.25)).toBe(0.25);
  });
});

it('schedules that end stay at their last rate', () => {
  const after = cosine({ base: 0.1, steps: 10, min: 0.01 });
  expect([10, 11, 1e9].map((step) => after.rate(step))).toEqual([0.01, 0.01, 0.01]);
});

it('options are copied', () => {
  const milestones = [3];
  const cut = multistep({ base: 1, milestones });
  milestones[0] = 100;
  expect(cut.rate(3)).toBe(0.1);
});
