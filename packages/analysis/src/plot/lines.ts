import * as Plot from '@observablehq/plot';
import {
  colorsOf,
  type LineChartData,
  type PlotAxis,
  type PlotLine,
  type PlotPoint,
  type PlotRule,
} from '@resnet/charts';
import { type FigureOptions, figure } from './figure';

/** What {@link linePlot} draws. */
export interface LinePlotOptions extends LineChartData, Pick<FigureOptions, 'width' | 'height'> {}

/** Draws lines over a common pair of axes as a standalone SVG document. */
export function linePlot({ lines, rules = [], x, y, ...options }: LinePlotOptions): string {
  const colorOf = colorsOf([...lines, ...rules]);
  const legend = [
    ...lines.map((line) => ({ name: line.name, color: colorOf(line), width: line.width, dashed: line.dashed })),
    ...rules.map((rule) => ({ name: rule.name, color: colorOf(rule), width: 1, dashed: true })),
  ].filter((entry, i, all) => all.findIndex((other) => other.name === entry.name) === i);
  return figure(
    { ...options, legend },
    {
      x: axis(x, lines),
      // What lies outside of an axis that was given is cut off.
      clip: [x, y].some(({ domain }) => domain !== undefined),
      y: { ...axis(y), grid: true },
      marks: [
        Plot.frame({ strokeOpacity: 0.25 }),
        ...rules.map((rule) => drawRule(rule, colorOf(rule))),
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

const drawRule = ({ x, y }: PlotRule, stroke: string): Plot.Markish =>
  y === undefined
    ? Plot.ruleX(x === undefined ? [] : [x], { stroke, strokeDasharray: '5 3' })
    : Plot.ruleY([y], { stroke, strokeDasharray: '5 3' });

function drawLine({ points, width = 2, dashed, dots }: PlotLine, stroke: string): Plot.Markish[] {
  const channels = { x: (d: PlotPoint) => d.x, y: (d: PlotPoint) => d.y ?? Number.NaN };
  const line = Plot.line(points, {
    ...channels,
    stroke,
    strokeWidth: width,
    ...(dashed && { strokeDasharray: '5 3' }),
  });
  return dots ? [line, Plot.dot(points, { ...channels, fill: stroke, r: 2.5 })] : [line];
}
