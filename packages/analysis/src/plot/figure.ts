import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** An entry of a figure's legend. */
export interface LegendEntry {
  name: string;
  color: string;
  /** Stroke width in pixels: the paper draws training error thin and validation error bold. */
  width?: number;
  dashed?: boolean;
}

/** What stands around a plot. Widths and heights are pixels. */
export interface FigureOptions {
  title: string;
  /** The protocol behind the figure, in one line. */
  subtitle?: string;
  width?: number;
  height?: number;
  legend?: readonly LegendEntry[];
}

/** Distinguishable on white and on near-black alike. */
export const palette = ['#4269d0', '#e8930c', '#e0493a', '#35a08a', '#a463f2', '#3ca951', '#d9599b', '#8a7260'];

const style = `.resnet-figure{color:#1b1f24;font-family:system-ui,'DejaVu Sans',sans-serif}
.resnet-figure .paper{fill:#ffffff}
@media (prefers-color-scheme: dark){.resnet-figure{color:#e3e6ea}.resnet-figure .paper{fill:#16181d}}`;

const legendRow = 20;
const margin = 16;

/**
 * Draws a plot with its title and legend as one standalone SVG document.
 *
 * Follows the reader's light or dark preference in browsers; renders as light elsewhere.
 */
export function figure(options: FigureOptions, plot: Plot.PlotOptions): string {
  const { title, subtitle, width = 720, height = 420, legend = [] } = options;
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const rows = layOutLegend(legend, width - 2 * margin);
  const top = margin + 18 + (subtitle ? 18 : 0) + rows.length * legendRow;
  const body = Plot.plot({ marginLeft: 60, marginRight: 28, marginBottom: 44, ...plot, document, width, height });
  body.setAttribute('y', String(top));
  body.setAttribute('font-size', '12');
  const total = top + height + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="resnet-figure" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}" role="img" aria-label="${escapeXml(title)}" fill="currentColor">`,
    `<style>${style}</style><rect class="paper" width="${width}" height="${total}" fill="#ffffff"/>`,
    `<text x="${margin}" y="${margin + 10}" font-size="16" font-weight="600">${escapeXml(title)}</text>`,
    subtitle
      ? `<text x="${margin}" y="${margin + 29}" font-size="12" fill-opacity="0.75">${escapeXml(subtitle)}</text>`
      : '',
    ...rows.map((row, i) => drawLegendRow(row, margin + 18 + (subtitle ? 18 : 0) + i * legendRow + 12)),
    body.outerHTML,
    '</svg>',
  ].join('\n');
}

/** Text made safe inside XML and HTML. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

const entryWidth = (entry: LegendEntry): number => 44 + entry.name.length * 7;

/** Breaks the legend into rows that fit. */
function layOutLegend(legend: readonly LegendEntry[], width: number): LegendEntry[][] {
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

function drawLegendRow(row: readonly LegendEntry[], y: number): string {
  let x = margin;
  return row
    .map((entry) => {
      const dash = entry.dashed ? ' stroke-dasharray="5 3"' : '';
      const drawn = `<line x1="${x}" x2="${x + 22}" y1="${y - 4}" y2="${y - 4}" stroke="${entry.color}" stroke-width="${entry.width ?? 2}"${dash}/><text x="${x + 28}" y="${y}" font-size="12">${escapeXml(entry.name)}</text>`;
      x += entryWidth(entry);
      return drawn;
    })
    .join('');
}
