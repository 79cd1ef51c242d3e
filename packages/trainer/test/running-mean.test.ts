import { runningMean } from '@resnet/trainer';
import { describe, expect, it } from 'vitest';

describe('runningMean', () => {
  it('is the mean of the last numbers', () => {
    const mean = runningMean(3);
    expect([1, 2, 6, 4].map((value) => mean.push(value))).toEqual([1, 1.5, 3, 4]);
    expect(mean.mean).toBe(4);
  });

  it('is NaN before the first', () => expect(runningMean(3).mean).toBeNaN());

  it('goes on from its state bit for bit', () => {
    const values = Array.from({ length: 50 }, (_, i) => Math.sin(i) * 10 ** (i % 9));
    const whole = runningMean(7);
    const expected = values.map((value) => whole.push(value));
    const first = runningMean(7);
    const before = values.slice(0, 23).map((value) => first.push(value));
    const second = runningMean(7);
    second.restore(JSON.parse(JSON.stringify(first.state())));
    expect([...before, ...values.slice(23).map((value) => second.push(value))]).toEqual(expected);
  });

  it('forgets a NaN that has left the window', () => {
    const mean = runningMean(2);
    expect([Number.NaN, 1, 2].map((value) => mean.push(value))).toEqual([Number.NaN, Number.NaN, 1.5]);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a window of %d', (window) => {
    expect(() => runningMean(window)).toThrow(/positive integer, got .*Use 1/);
  });
});
