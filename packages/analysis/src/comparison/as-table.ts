import type { Table } from '../report/report';
import type { Sample } from '../statistics/summary';
import type { ComparisonRow } from './table';

const percent = (value: number): string => (100 * value).toFixed(2);

const withSpread = ({ mean, std }: Sample): string =>
  Number.isNaN(std) ? percent(mean) : `${percent(mean)} ± ${percent(std)}`;

/** The rows of a comparison as a table for reports and terminals; errors in per cent. */
export const asTable = (rows: readonly ComparisonRow[]): Table => ({
  columns: [
    'net',
    'parameters',
    'iterations',
    'seeds',
    'training error (%)',
    'test error (%)',
    'paper (%)',
    's/iteration',
  ],
  rows: rows.map((row) => [
    row.name,
    row.parameters.toLocaleString('en-US'),
    row.steps.toLocaleString('en-US'),
    row.seeds.length,
    withSpread(row.trainError),
    withSpread(row.testError),
    row.paperError === null ? '–' : percent(row.paperError),
    row.secondsPerStep.toFixed(3),
  ]),
});
