/** A point of a line; points whose `y` is not finite break it. */
export interface PlotPoint {
  /** Position across; above 0 on a logarithmic axis. */
  x: number;
  /** Position upwards; a fraction where the axis is in per cent. Null, as JSON has NaN, breaks the line. */
  y: number | null;
  /** Seconds since the run began: the position across where a reader chooses time. */
  time?: number | null;
  /** Lower edge of a band around the line; none without `high`. */
  low?: number;
  /** Upper edge of that band; none without `low`. */
  high?: number;
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
  /** Noisy, a value a batch: smoothed where the reader asks for it. Default false. */
  noisy?: boolean;
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

/** A line across the plot to compare with, such as the paper's result. */
export interface PlotRule {
  /** Its entry in the legend. */
  name: string;
  /** Its height, in the unit of the lines' `y`, of a horizontal rule. */
  y?: number;
  /** Its place across, in the unit of the lines' `x`, of a vertical rule. */
  x?: number;
  /** Shares the color of this group of lines. Default: its own name. */
  group?: string;
}

/** Lines over a common pair of axes, as plain data: drawn as a picture by `linePlot` of `@resnet/analysis`, and alive by `lineChart`. */
export interface LineChartData {
  /** Above the plot; also what screen readers say. */
  title: string;
  /** The protocol behind the figure. */
  subtitle?: string;
  /** Across. */
  x: PlotAxis;
  /** Upwards; every tick has a line of the grid. */
  y: PlotAxis;
  /** In the order of the legend; later ones are drawn over earlier ones. */
  lines: readonly PlotLine[];
  /** Lines to compare with. Default: none. */
  rules?: readonly PlotRule[];
}
