import type { ReportTable } from '../report/report';
import type { SampleSummary } from '../statistics/summary';
import type { ComparisonRow } from './table';

const percent = (value: number): string => (100 * value).toFixed(2);

/** A mean over seeds in per cent, with its standard deviation where there is one, as `8.75 ± 0.16`; `–` for none. */
export const formatWithSpread = ({ mean, std }: SampleSummary): string => {
  if (Number.isNaN(mean)) return '–';
  return Number.isNaN(std) ? percent(mean) : `${percent(mean)} ± ${percent(std)}`;
};

/** The rows of a comparison as a table for reports and terminals; errors in per cent. The paper's only where it has one for a net. */
export function comparisonAsTable(rows: readonly ComparisonRow[]): ReportTable {
  const isInPaper = rows.some(({ paperError }) => paperError !== null);
  return {
    columns: [
      'net',
      'parameters',
      'iterations',
      'seeds',
      'training error (%)',
      'test error (%)',
      ...(isInPaper ? ['paper (%)'] : []),
      's/iteration',
    ],
    rows: rows.map((row) => [
      row.name,
      row.parameters.toLocaleString('en-US'),
      row.steps.toLocaleString('en-US'),
      row.seeds.length,
      formatWithSpread(row.trainError),
      formatWithSpread(row.testError),
      ...(isInPaper ? [row.paperError === null ? '–' : percent(row.paperError)] : []),
      Number.isNaN(row.secondsPerStep) ? '–' : row.secondsPerStep.toFixed(3),
    ]),
  };
}
