import { escapeXml } from './xml';

/** An entry of a figure's legend. */
export interface LegendEntry {
  /** Beside the stroke, never wrapped. */
  name: string;
  /** Stroke color, as SVG names colors; {@link palette} has some. */
  color: string;
  /** Stroke width in pixels: the paper draws training error thin and validation error bold. */
  width?: number;
  /** Breaks the stroke into dashes. Default false. */
  dashed?: boolean;
}

/** Height of a row of the legend in pixels. */
export const legendRow = 20;

const entryWidth = (entry: LegendEntry): number => 44 + entry.name.length * 7;

/** Breaks the legend into rows that fit. */
export function layOutLegend(legend: readonly LegendEntry[], width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const entry of legend) {
    if (used + entryWidth(entry) > width) {
      rows.push([]);
      used = 0;
    }
    rows[rows.length - 1]?.push(entry);
    used += entryWidth(entry);
  }
  return rows;
}

/** One row as SVG, its text's baseline at `y`. */
export function drawLegend(row: readonly LegendEntry[], left: number, y: number): string {
  let x = left;
  return row
    .map((entry) => {
      const dash = entry.dashed ? ' stroke-dasharray="5 3"' : '';
      const drawn = `<line x1="${x}" x2="${x + 22}" y1="${y - 4}" y2="${y - 4}" stroke="${entry.color}" stroke-width="${entry.width ?? 2}"${dash}/><text x="${x + 28}" y="${y}" font-size="12">${escapeXml(entry.name)}</text>`;
      x += entryWidth(entry);
      return drawn;
    })
    .join('');
}
