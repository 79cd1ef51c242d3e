import {
  comparisonAsTable,
  comparisonTable,
  comparisonVerdicts,
  curveData,
  type Findings,
  lineFigure,
  type ReportTable,
  type RunRecord,
} from '@resnet/analysis';
import { percent } from './numbers';

/** Error curves, means over seeds and differences of runs, as in Figs. 1, 4 and 6. */
export function comparisonFindings(records: readonly RunRecord[], title: string, subtitle?: string): Findings {
  const rows = comparisonTable(records);
  return {
    figures: [
      lineFigure(
        'curves',
        curveData(records, 'error', { title, points: 300, ...(subtitle !== undefined && { subtitle }) }),
      ),
    ],
    tables: [comparisonAsTable(rows), ...differences(rows)],
    conclusion: comparisonVerdicts(rows),
  };
}

function differences(rows: ReturnType<typeof comparisonTable>): ReportTable[] {
  const [first, ...rest] = rows;
  if (!first || rest.length === 0) return [];
  return [
    {
      caption: `Test error minus that of ${first.name}, in points, with its 95 % interval (Welch).`,
      columns: ['net', 'difference', 'from', 'to'],
      rows: rest.map(({ name, difference }) => [
        name,
        ...[difference!.difference, difference!.low, difference!.high].map((v) => (Number.isNaN(v) ? '–' : percent(v))),
      ]),
    },
  ];
}
