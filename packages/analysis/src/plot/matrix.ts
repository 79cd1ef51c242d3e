import * as Plot from '@observablehq/plot';
import { type FigureOptions, figure } from './figure';

/** What {@link matrixPlot} draws. */
export interface MatrixPlotOptions extends Omit<FigureOptions, 'legend' | 'height'> {
  /** Label of the vertical axis. */
  rows: string;
  /** Label of the horizontal axis. */
  columns: string;
  /** Along both axes, in the order of `values`; no two alike. */
  names: readonly string[];
  /** `values[row][column]`, written into their cells and shaded by their share of the row. */
  values: readonly (readonly number[])[];
}

/** Draws a square matrix of counts, such as a confusion matrix, as a standalone SVG document. */
export function matrixPlot({ rows, columns, names, values, width = 720, ...options }: MatrixPlotOptions): string {
  const cells = values.flatMap((row, i) => {
    const total = row.reduce((sum, v) => sum + v, 0) || 1;
    return row.map((value, j) => ({ row: names[i]!, column: names[j]!, value, share: value / total }));
  });
  const longest = Math.max(...names.map((name) => name.length));
  const marginLeft = 34 + longest * 6.5;
  const side = width - marginLeft - 16;
  const small = side / names.length < 26;
  return figure(
    { ...options, width, height: side + 30 + longest * 5.5 },
    {
      marginLeft,
      marginRight: 16,
      marginTop: 4,
      marginBottom: 30 + longest * 5.5,
      padding: 0.04,
      x: { domain: [...names], label: columns, labelArrow: 'none', labelAnchor: 'center', tickRotate: -45 },
      y: { domain: [...names], label: rows, labelArrow: 'none', labelAnchor: 'center' },
      marks: [
        Plot.cell(cells, {
          x: 'column',
          y: 'row',
          fill: '#4269d0',
          fillOpacity: (d: { share: number }) => 0.6 * d.share,
        }),
        Plot.text(
          cells.filter((cell) => cell.value > 0),
          { x: 'column', y: 'row', text: 'value', fontSize: small ? 8 : 11 },
        ),
      ],
    },
  );
}
