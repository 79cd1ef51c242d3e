import { aligned, colorsOf, formatTime, formatValue, palette, seedBand, smoothed, thinned } from '@resnet/charts';
import { describe, expect, it } from 'vitest';

const view = { across: 'x', log: false, smoothing: 0 } as const;
const line = (name: string, ...points: [x: number, y: number | null][]) => ({
  name,
  points: points.map(([x, y]) => ({ x, y, time: 10 * x })),
});

describe('smoothed', () => {
  it('weighs the past, without a bias towards 0 at the start', () => {
    // (0.5·2 + 0.25·4) / (0.5 + 0.25): the newest has weight 0.5, the one before 0.25.
    expect(smoothed([4, 2], 0.5)).toEqual([4, (0.5 * 2 + 0.25 * 4) / 0.75]);
  });

  it('passes over what is missing, and with weight 0 changes nothing', () => {
    expect(smoothed([4, null, Number.NaN, 2], 0.5)[3]).toBeCloseTo(2 / 0.75, 12);
    expect(smoothed([4, null, 2], 0)).toEqual([4, null, 2]);
  });
});

describe('thinned', () => {
  it('gives means of windows at their last places', () => {
    const points = [1, 2, 3, 4, 5].map((x) => ({ x, y: x * x }));
    expect(thinned(points, 3)).toEqual([
      { x: 2, y: 2.5 },
      { x: 4, y: 12.5 },
      { x: 5, y: 25 },
    ]);
    expect(thinned(points, 5)).toEqual(points);
  });

  it('leaves a gap where a value is not finite', () => {
    const points = [1, Number.NaN, 3, 4].map((y, x) => ({ x, y }));
    expect(thinned(points, 2).map(({ y }) => y)).toEqual([null, 3.5]);
  });
});

it('seedBand gives mean, lowest and highest at the places of the shorter line', () => {
  const long = line('a', [0, 0], [10, 10], [20, 20], [30, 30]);
  const short = line('b', [5, 1], [15, 3], [40, 9]);
  expect(seedBand([long, short])).toEqual([
    { x: 5, y: 3, low: 1, high: 5, time: 50 },
    { x: 15, y: 9, low: 3, high: 15, time: 150 },
  ]);
});

describe('aligned', () => {
  it('brings lines to common places', () => {
    const { xs, rows } = aligned([line('a', [1, 10], [3, 30]), line('b', [2, null], [3, 5])], view);
    expect(xs).toEqual([1, 2, 3]);
    expect(rows.map(({ y }) => y)).toEqual([
      [10, undefined, 30],
      [undefined, null, 5],
    ]);
  });

  it('stands at times where asked, and leaves out what has none', () => {
    const untimed = { x: 1, y: 1 };
    const { xs } = aligned([{ name: 'a', points: [untimed, { x: 2, y: 1, time: 7 }] }], { ...view, across: 'time' });
    expect(xs).toEqual([7]);
  });

  it('leaves only values above 0 on a logarithmic axis, and smooths noisy lines alone', () => {
    const lines = [{ ...line('a', [1, 4], [2, 0], [3, 2]), noisy: true }, line('b', [1, 4], [3, 2])];
    const { rows } = aligned(lines, { ...view, log: true, smoothing: 0.5 });
    expect(rows[0]!.y).toEqual([4, null, 2 / 0.75]);
    expect(rows[1]!.y).toEqual([4, undefined, 2]);
  });
});

it('colorsOf gives lines of one group one color', () => {
  const colorOf = colorsOf([{ name: 'a, training', group: 'a' }, { name: 'a, validation', group: 'a' }, { name: 'b' }]);
  expect([colorOf({ name: 'x', group: 'a' }), colorOf({ name: 'b' })]).toEqual([palette[0], palette[1]]);
});

it.each([
  [0.0875, { percent: true }, '8.75\u00a0%'],
  [1234.5678, {}, '1,235'],
  [0.00001234, {}, '0.00001234'],
  [null, {}, '–'],
  [Number.NaN, {}, '–'],
])('formatValue writes %s %o as %s', (value, axis, text) => expect(formatValue(value, axis)).toBe(text));

it.each([
  [4.25, '4.25 s'],
  [187, '3:07'],
  [3725, '1:02:05'],
])('formatTime writes %s seconds as %s', (seconds, text) => expect(formatTime(seconds)).toBe(text));
