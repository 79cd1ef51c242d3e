import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { drawLegend, type LegendEntry, layOutLegend, legendRow } from './legend';
import { wrapped } from './text';
import { escapeXml } from './xml';

/** What stands around a plot. Widths and heights are pixels. */
export interface FigureOptions {
  /** Above the plot; also what screen readers say. */
  title: string;
  /** The protocol behind the figure. */
  subtitle?: string;
  /** Default 720. Titles and legends wrap, so that 360, a phone's, is readable too. */
  width?: number;
  /** Height of the plot without its title and legend. */
  height?: number;
  /** Below title and subtitle, wrapped into rows. Default: none. */
  legend?: readonly LegendEntry[];
}

const style = `.resnet-figure{color:#1b1f24;font-family:system-ui,'DejaVu Sans',sans-serif}
.resnet-figure .paper{fill:#ffffff}
@media (prefers-color-scheme: dark){.resnet-figure{color:#e3e6ea}.resnet-figure .paper{fill:#16181d}}`;

const margin = 16;

/** Draws a plot with its title and legend as one standalone SVG document. */
export function figure(options: FigureOptions, plot: Plot.PlotOptions): string {
  const { width = 720, height = 420 } = options;
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  // Left of ticks as wide as 0.00012 there is room for the axis's label.
  const body = Plot.plot({ marginLeft: 72, marginRight: 28, marginBottom: 44, ...plot, document, width, height });
  body.setAttribute('font-size', '12');
  return framed(options, height, (top) => {
    body.setAttribute('y', String(top));
    return body.outerHTML;
  });
}

/**
 * Puts a title, a subtitle and a legend above `draw`'s SVG, which begins `top` pixels down and is `height` pixels high.
 *
 * Follows the reader's light or dark preference in browsers; renders as light elsewhere.
 */
export function framed(
  { title, subtitle = '', width = 720, legend = [] }: FigureOptions,
  height: number,
  draw: (top: number) => string,
): string {
  const inner = width - 2 * margin;
  const head = [
    ...wrapped(title, inner / 9.2).map((text) => ({ text, leading: 20, font: 'font-size="16" font-weight="600"' })),
    ...wrapped(subtitle, inner / 6.6).map((text) => ({
      text,
      leading: 17,
      font: 'font-size="12" fill-opacity="0.75"',
    })),
  ];
  let top = margin - 6;
  const lines = head.map(({ text, leading, font }) => {
    top += leading;
    return `<text x="${margin}" y="${top}" ${font}>${escapeXml(text)}</text>`;
  });
  const rows = layOutLegend(legend, inner);
  const drawnLegend = rows.map((row, i) => drawLegend(row, margin, top + 20 + i * legendRow));
  top += 10 + rows.length * legendRow;
  const total = top + height + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="resnet-figure" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}" role="img" aria-label="${escapeXml(title)}" fill="currentColor">`,
    `<style>${style}</style><rect class="paper" width="${width}" height="${total}" fill="#ffffff"/>`,
    ...lines,
    ...drawnLegend,
    draw(top),
    '</svg>',
  ].join('\n');
}
