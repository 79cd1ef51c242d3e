import type { PlotLine, PlotPoint } from './chart-data';
import { smoothed } from './smooth';

/** How a reader looks at the lines. */
export interface ChartView {
  /** What stands across: the points' `x`, or their time. */
  across: 'x' | 'time';
  /** Whether the y axis is logarithmic. */
  log: boolean;
  /** Weight of the past in noisy lines, from 0 to below 1; see `smoothed`. */
  smoothing: number;
  /** Names of lines that are not drawn. */
  hidden: ReadonlySet<string>;
}

/** Places across, rising, and for each line its values there. */
export interface AlignedLines {
  /** Every place that some line has. */
  xs: number[];
  /** In the order of the lines. */
  rows: {
    /** At each place: undefined where the line has no point, null where it is broken. */
    y: (number | null | undefined)[];
    /** Edges of the band around the line; null for a line without one. */
    band: {
      /** Its lower edge, as `y`. */
      low: (number | null | undefined)[];
      /** Its upper edge, as `y`. */
      high: (number | null | undefined)[];
    } | null;
  }[];
}

/** Brings lines to common places, smoothed as the view says; on a logarithmic axis only values above 0 are left. */
export function aligned(lines: readonly PlotLine[], view: Omit<ChartView, 'hidden'>): AlignedLines {
  const there = lines.map(({ points }) => points.filter((point) => placeOf(point, view) !== null));
  const xs = [...new Set(there.flatMap((points) => points.map((point) => placeOf(point, view)!)))].sort(
    (a, b) => a - b,
  );
  const index = new Map(xs.map((x, i) => [x, i]));
  const rows = lines.map(({ noisy }, i) => {
    const points = there[i]!;
    const row = (values: readonly (number | null)[]) => {
      const placed = new Array<number | null | undefined>(xs.length).fill(undefined);
      const weight = noisy ? view.smoothing : 0;
      smoothed(values, weight).forEach((value, at) => {
        placed[index.get(placeOf(points[at]!, view)!)!] = value;
      });
      return placed;
    };
    const drawn = (value: number | null | undefined): number | null =>
      typeof value === 'number' && (!view.log || value > 0) ? value : null;
    const isBand = points.some(({ low, high }) => low !== undefined && high !== undefined);
    return {
      y: row(points.map(({ y }) => drawn(y))),
      band: isBand
        ? { low: row(points.map(({ low }) => drawn(low))), high: row(points.map(({ high }) => drawn(high))) }
        : null,
    };
  });
  return { xs, rows };
}

function placeOf({ x, time }: PlotPoint, { across }: Pick<ChartView, 'across'>): number | null {
  const place = across === 'time' ? time : x;
  return typeof place === 'number' && Number.isFinite(place) ? place : null;
}
