import * as Plot from '@observablehq/plot';
import { type FigureOptions, figure, palette } from './figure';

/** A point of a line; points whose `y` is not finite break it. */
export interface PlotPoint {
  /** Position across; above 0 on a logarithmic axis. */
  x: number;
  /** Position upwards; a fraction where the axis is in per cent. */
  y: number;
}

/** One line of a plot. */
export interface PlotLine {
  /** Its entry in the legend; lines that share it have one entry. */
  name: string;
  /** In the order in which the line joins them. */
  points: readonly PlotPoint[];
  /** Lines of one group share a color. Default: the line's own name. */
  group?: string;
  /** Stroke width in pixels. */
  width?: number;
  /** Breaks the line, and its stroke in the legend, into dashes. Default false. */
  dashed?: boolean;
  /** Whether each point gets a dot, for lines of few points. */
  dots?: boolean;
}

/** An axis: its label carries the unit. */
export interface PlotAxis {
  /** What is measured, and its unit. */
  label: string;
  /** Default `linear`. */
  scale?: 'linear' | 'log';
  /** Values are fractions and drawn as per cent. */
  percent?: boolean;
  /** First and last value, in per cent if `percent` is set. Default: the data's. Lines only. */
  domain?: readonly [number, number];
  /** Values are whole numbers: no ticks in between. For the x axis of lines only. */
  whole?: boolean;
}

/** What {@link linePlot} draws. */
export interface LinePlotOptions extends Omit<FigureOptions, 'legend'> {
  /** Across. */
  x: PlotAxis;
  /** Upwards; every tick has a line of the grid. */
  y: PlotAxis;
  /** In the order of the legend; later ones are drawn over earlier ones. */
  lines: readonly PlotLine[];
  /** Horizontal lines to compare with, such as the paper's result. */
  rules?: readonly {
    /** Its entry in the legend. */
    name: string;
    /** Its height, in the unit of the lines' `y`. */
    y: number;
    /** Shares the color of this group of lines. Default: its own name. */
    group?: string;
  }[];
}

/** Draws lines over a common pair of axes as a standalone SVG document. */
export function linePlot({ lines, rules = [], x, y, ...options }: LinePlotOptions): string {
  const groups = [...new Set([...lines, ...rules].map((line) => line.group ?? line.name))];
  const colorOf = (line: { name: string; group?: string }): string =>
    palette[groups.indexOf(line.group ?? line.name) % palette.length] ?? 'currentColor';
  const legend = [
    ...lines.map((line) => ({ name: line.name, color: colorOf(line), width: line.width, dashed: line.dashed })),
    ...rules.map((rule) => ({ name: rule.name, color: colorOf(rule), width: 1, dashed: true })),
  ].filter((entry, i, all) => all.findIndex((other) => other.name === entry.name) === i);
  return figure(
    { ...options, legend },
    {
      x: axis(x, lines),
      y: { ...axis(y), grid: true },
      marks: [
        Plot.frame({ strokeOpacity: 0.25 }),
        ...rules.map((rule) => Plot.ruleY([rule.y], { stroke: colorOf(rule), strokeDasharray: '5 3' })),
        ...lines.flatMap((line) => drawLine(line, colorOf(line))),
      ],
    },
  );
}

const axis = (
  { label, scale = 'linear', percent = false, domain, whole }: PlotAxis,
  lines: readonly PlotLine[] = [],
) => ({
  label,
  type: scale,
  percent,
  labelArrow: 'none' as const,
  labelAnchor: 'center' as const,
  ...(domain && { domain: [...domain] }),
  // Without it thousandths would be written as 1m.
  ...(scale === 'log' && { tickFormat: '~g' }),
  ...(whole && { ticks: wholeTicks(lines), tickFormat: 'd' }),
});

/** About eight whole numbers, evenly spaced, over the lines' points. */
function wholeTicks(lines: readonly PlotLine[]): number[] {
  const values = lines.flatMap(({ points }) => points.map(({ x }) => x));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const step = Math.max(1, Math.round((high - low) / 8));
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step);
}

function drawLine({ points, width = 2, dashed, dots }: PlotLine, stroke: string): Plot.Markish[] {
  const channels = { x: (d: PlotPoint) => d.x, y: (d: PlotPoint) => d.y };
  const line = Plot.line(points, {
    ...channels,
    stroke,
    strokeWidth: width,
    ...(dashed && { strokeDasharray: '5 3' }),
  });
  return dots ? [line, Plot.dot(points, { ...channels, fill: stroke, r: 2.5 })] : [line];
}
