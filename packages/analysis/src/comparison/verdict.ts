import type { ComparisonRow } from './table';

const percent = (value: number): string => `${(100 * value).toFixed(2)}`;

/**
 * What the rows support, and nothing more: a difference is called one only where its 95 % interval excludes zero.
 *
 * @returns One sentence a row after the first.
 */
export const verdicts = ([first, ...rest]: readonly ComparisonRow[]): string[] =>
  first ? rest.map((row) => verdict(first, row)) : [];

function verdict(first: ComparisonRow, row: ComparisonRow): string {
  const { difference, low, high } = row.difference!;
  const direction = difference < 0 ? 'lower' : 'higher';
  const measured = `${row.name}'s test error is ${percent(Math.abs(difference))} points ${direction} than ${first.name}'s`;
  if (Number.isNaN(low)) return `${measured} in a single pair of runs; more seeds are needed to call it a difference.`;
  const interval = `95 % interval ${percent(low)} to ${percent(high)} points, ${row.testError.n} and ${first.testError.n} seeds`;
  return low > 0 || high < 0
    ? `${measured} (${interval}).`
    : `${measured}, which these seeds do not tell apart from no difference (${interval}).`;
}
