import * as Plot from '@observablehq/plot';
import { type PlotAxis, palette } from '@resnet/charts';
import { type FigureOptions, figure } from './figure';

/** One bar; `low` and `high` draw a whisker around it. */
export interface PlotBar {
  /** Written at its left. Bars that share it are stacked. */
  name: string;
  /** Where it ends; it begins at 0. */
  value: number;
  /** Bars of one group share a color; with several groups there is a legend. */
  group?: string;
  /** Where the whisker begins, on the same axis; none without `high`. */
  low?: number;
  /** Where the whisker ends, on the same axis; none without `low`. */
  high?: number;
}

/** What {@link barPlot} draws. */
export interface BarPlotOptions extends Omit<FigureOptions, 'legend'> {
  /** The axis of the values, from 0 and linear; the other one names the bars. */
  value: Pick<PlotAxis, 'label' | 'percent'>;
  /** From top to bottom. */
  bars: readonly PlotBar[];
}

/** Draws horizontal bars, named at their left, as a standalone SVG document. */
export function barPlot({ bars, value, ...options }: BarPlotOptions): string {
  const groups = [...new Set(bars.map((bar) => bar.group ?? ''))];
  const color = (bar: PlotBar): string => palette[groups.indexOf(bar.group ?? '') % palette.length] ?? 'currentColor';
  const legend =
    groups.length > 1 ? groups.map((name, i) => ({ name, color: palette[i % palette.length]!, width: 8 })) : [];
  const longest = Math.max(...bars.map((bar) => bar.name.length));
  const whiskers = bars.filter((bar) => bar.low !== undefined && bar.high !== undefined);
  return figure(
    { height: 60 + 28 * bars.length, ...options, legend },
    {
      marginLeft: 24 + longest * 7,
      x: {
        label: value.label,
        percent: value.percent ?? false,
        grid: true,
        labelArrow: 'none',
        labelAnchor: 'center',
      },
      y: { label: null, domain: bars.map((bar) => bar.name) },
      marks: [
        Plot.barX(bars, { x: 'value', y: 'name', fill: color, insetTop: 3, insetBottom: 3 }),
        Plot.ruleY(whiskers, { x1: 'low', x2: 'high', y: 'name', stroke: 'currentColor', strokeWidth: 1.5 }),
        Plot.ruleX([0], { strokeOpacity: 0.5 }),
      ],
    },
  );
}
