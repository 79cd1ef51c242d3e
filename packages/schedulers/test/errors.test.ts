import {
  constant,
  cosine,
  exponential,
  multistep,
  oneCycle,
  plateau,
  polynomial,
  restarts,
  ScheduleError,
  sequence,
  stepDecay,
  warmup,
  warmupUntil,
} from '@resnet/schedulers';
import { expect, it } from 'vitest';

const some = constant(0.1);

it.each<[string, () => unknown]>([
  ['constant: rate must be above 0, got 0', () => constant(0)],
  ['constant: rate must be above 0, got Infinity', () => constant(Infinity)],
  ['stepDecay: base must be above 0, got NaN', () => stepDecay({ base: Number.NaN, every: 3 })],
  ['stepDecay: every must be above 0, got 0', () => stepDecay({ base: 1, every: 0 })],
  ['stepDecay: factor must be above 0 and below 1, got 10', () => stepDecay({ base: 1, every: 3, factor: 10 })],
  ['multistep: milestones must rise from above 0, got [48, 32]', () => multistep({ base: 1, milestones: [48, 32] })],
  ['multistep: milestones must rise from above 0, got [32, 32]', () => multistep({ base: 1, milestones: [32, 32] })],
  ['multistep: milestones must rise from above 0, got [0]', () => multistep({ base: 1, milestones: [0] })],
  ['exponential: factor must be above 0, got 0', () => exponential({ base: 1, factor: 0 })],
  ['polynomial: steps must be above 0, got -1', () => polynomial({ base: 1, steps: -1 })],
  ['polynomial: power must be above 0, got 0', () => polynomial({ base: 1, steps: 3, power: 0 })],
  ['polynomial: min must be from 0 to 1, got 2', () => polynomial({ base: 1, steps: 3, min: 2 })],
  ['cosine: steps must be above 0, got Infinity', () => cosine({ base: 1, steps: Infinity })],
  ['cosine: min must be from 0 to 1, got -1', () => cosine({ base: 1, steps: 3, min: -1 })],
  ['restarts: multiplier must be at least 1, got 0.5', () => restarts({ base: 1, steps: 3, multiplier: 0.5 })],
  ['oneCycle: maxRate must be above 0, got -1', () => oneCycle({ maxRate: -1, steps: 9 })],
  ['oneCycle: pctStart must be above 0, at most 1, got 2', () => oneCycle({ maxRate: 1, steps: 9, pctStart: 2 })],
  [
    'oneCycle: pctStart must be above 0, at most 0.5, got 0.6',
    () => oneCycle({ maxRate: 1, steps: 9, pctStart: 0.6, threePhase: true }),
  ],
  ['oneCycle: pctStart * steps must be between 1 and steps, got 0.6', () => oneCycle({ maxRate: 1, steps: 2 })],
  ['oneCycle: divFactor must be at least 1, got 0', () => oneCycle({ maxRate: 1, steps: 9, divFactor: 0 })],
  ['oneCycle: finalDivFactor must be at least 1, got 0', () => oneCycle({ maxRate: 1, steps: 9, finalDivFactor: 0 })],
  ['plateau: base must be above 0, got 0', () => plateau({ base: 0 })],
  ['plateau: factor must be above 0 and below 1, got 1', () => plateau({ base: 1, factor: 1 })],
  ['plateau: patience must be from 0, got -1', () => plateau({ base: 1, patience: -1 })],
  ['plateau: threshold must be from 0, got NaN', () => plateau({ base: 1, threshold: Number.NaN })],
  ['plateau: cooldown must be from 0, got -2', () => plateau({ base: 1, cooldown: -2 })],
  ['plateau: mode must be min or max, got best', () => plateau({ base: 1, mode: JSON.parse('"best"') })],
  ['plateau: thresholdMode must be rel or abs, got x', () => plateau({ base: 1, thresholdMode: JSON.parse('"x"') })],
  [
    'sequence: needs one schedule more than its 2 milestones, got 1',
    () => sequence({ schedules: [some], milestones: [1, 2] }),
  ],
  ['sequence: milestones must rise', () => sequence({ schedules: [some, some], milestones: [-1] })],
  ['warmup: steps must be above 0, got 0', () => warmup({ steps: 0, next: some })],
  ['warmup: from must be a fraction, 0 to 1, got 2', () => warmup({ steps: 3, from: 2, next: some })],
  ['warmupUntil: rate must be above 0, got 0', () => warmupUntil({ rate: 0, below: 0.8, next: some })],
  [
    'warmupUntil: below must be a finite number, got NaN',
    () => warmupUntil({ rate: 1, below: Number.NaN, next: some }),
  ],
  ['rate: step must be a finite number from 0, got -1. Count from 0.', () => some.rate(-1)],
])('%s', (message, make) => {
  expect(make).toThrow(ScheduleError);
  expect(make).toThrow(RangeError);
  expect(make).toThrow(message);
});
