import { type MeanDifference, welchInterval } from '../statistics/welch';
import type { ComparisonRow } from './table';

const percent = (value: number): string => `${(100 * value).toFixed(2)}`;

/**
 * What the rows support, and nothing more: a difference is called one only where its 95 % interval excludes zero.
 *
 * @returns One sentence a row after the first.
 */
export const comparisonVerdicts = ([first, ...rest]: readonly ComparisonRow[]): string[] =>
  first
    ? rest.map((row) =>
        inWords('test error', row.name, first.name, row.difference!, [row.testError.n, first.testError.n]),
      )
    : [];

/** A net's measurements over its seeds, as fractions. */
export interface Measurements {
  /** Names the net in the sentence. */
  name: string;
  /** One a seed; NaN for what was not measured. */
  values: readonly number[];
}

/** In one sentence how `what` of one net differs from that of another, as far as their seeds can tell. */
export const describeDifference = (what: string, one: Measurements, other: Measurements): string =>
  inWords(what, one.name, other.name, welchInterval(one.values, other.values), [
    one.values.length,
    other.values.length,
  ]);

function inWords(
  what: string,
  name: string,
  other: string,
  { difference, low, high }: MeanDifference,
  seeds: readonly [number, number],
): string {
  if (Number.isNaN(difference))
    return `${name}'s ${what} cannot be compared with ${other}'s: it was not measured in every run.`;
  const direction = difference < 0 ? 'lower' : 'higher';
  const measured = `${name}'s ${what} is ${percent(Math.abs(difference))} points ${direction} than ${other}'s`;
  const runs = `${seeds[0]} and ${seeds[1]} seeds`;
  if (Number.isNaN(low)) {
    const few = Math.max(...seeds) === 1 ? 'in a single pair of runs' : `(${runs})`;
    return `${measured} ${few}; more seeds are needed to call it a difference.`;
  }
  const interval = `95 % interval ${percent(low)} to ${percent(high)} points, ${runs}`;
  return low > 0 || high < 0
    ? `${measured} (${interval}).`
    : `${measured}, which these seeds do not tell apart from no difference (${interval}).`;
}
