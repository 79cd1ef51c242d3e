import { readFileSync } from 'node:fs';
import type { Schedule } from '@resnet/schedulers';
import { expect } from 'vitest';

interface Golden {
  options: { [name: string]: number };
  lr: number[];
}

interface PlateauGolden {
  metrics: number[];
  base: number;
  options: { mode: 'min' | 'max'; factor: number; patience: number; [name: string]: number | string };
  lr: number[];
  next: number;
}

/** What PyTorch's schedulers gave; the golden folder's README tells which. */
export const golden: { [name: string]: Golden } & { plateau: PlateauGolden[] } = JSON.parse(
  readFileSync(new URL('../../testing/golden/schedules.json', import.meta.url), 'utf8'),
);

/** The first `count` rates. */
export const rates = (schedule: Schedule, count: number): number[] =>
  Array.from({ length: count }, (_, step) => schedule.rate(step));

/** The rates before each observation and after the last. */
export const ratesWhile = (schedule: Schedule, metric: string, values: readonly number[]): number[] => [
  ...values.map((value, step) => {
    const rate = schedule.rate(step);
    schedule.observe?.({ [metric]: value });
    return rate;
  }),
  schedule.rate(values.length),
];

/** Expects the same numbers to 1e-12. */
export function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-12);
}
