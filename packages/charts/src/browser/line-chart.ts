import uPlot from 'uplot';
import { aligned, type ChartView } from '../align';
import type { LineChartData, PlotLine } from '../chart-data';
import { formatTime, formatValue } from '../format';
import { colorsOf } from '../palette';
import { chartLegend } from './legend';

/** Settings of {@link lineChart}. */
export interface LineChartOptions {
  /** Height of the plot in pixels, without title and legend. Default 300. */
  height?: number;
  /** How it is looked at first; see `ChartView`. */
  view: ChartView;
  /** Told which lines the reader hid, or showed again. */
  onToggle?: (hidden: ReadonlySet<string>) => void;
}

/** A chart in a page. */
export interface LineChart {
  /** Draws other data, or more of it, or in another view. A zoom stays. */
  update(data: LineChartData, view: ChartView): void;
  /** Shows `from` to `to` across; null shows everything. */
  zoom(range: { from: number; to: number } | null): void;
  /** Removes it from the page. */
  destroy(): void;
}

/**
 * Draws lines that a reader may point at, zoom, and toggle: a drag zooms across, a double click shows everything, and the legend has the
 * value of every line at the cursor and hides lines. By keyboard: arrows move the cursor, `+` and `-` zoom around it, `0` shows everything.
 * Follows the width of `parent`, and the colors `--ink`, `--soft` and `--line` of the page.
 */
export function lineChart(parent: HTMLElement, data: LineChartData, options: LineChartOptions): LineChart {
  const root = parent.appendChild(document.createElement('section'));
  root.className = 'chart';
  root.setAttribute('aria-label', data.title);
  const title = root.appendChild(document.createElement('h3'));
  const unit = document.createElement('small');
  const plot = root.appendChild(document.createElement('div'));
  plot.className = 'chart-plot';
  plot.tabIndex = 0;
  plot.setAttribute('role', 'img');
  const said = root.appendChild(document.createElement('p'));
  said.className = 'chart-said';
  said.setAttribute('aria-live', 'polite');
  const legend = chartLegend(root, (hidden) => {
    view = { ...view, hidden };
    options.onToggle?.(hidden);
    draw();
  });

  let { view } = options;
  let current = data;
  let drawn: { chart: uPlot; shape: string } | null = null;
  let zoomed: { from: number; to: number } | null = null;

  const draw = (): void => {
    title.replaceChildren(current.title, unit);
    unit.textContent = current.y.label.toLowerCase() === current.title.toLowerCase() ? '' : ` ${current.y.label}`;
    plot.setAttribute(
      'aria-label',
      `${current.title}. Arrow keys read values, plus and minus zoom, 0 shows everything.`,
    );
    const lines = allLines(current);
    legend.show(lines, colorsOf(lines), view.hidden);
    const shown = lines.filter(({ name }) => !view.hidden.has(name));
    const { xs, rows } = aligned(shown, view);
    const columns = rows.flatMap(({ y, band }) => (band ? [y, band.low, band.high] : [y]));
    const shape = JSON.stringify([
      shown.map(({ name, dashed }) => [name, dashed]),
      rows.map(({ band }) => band !== null),
      view.log,
      view.across,
      current.y,
    ]);
    const table = [xs, ...columns] as uPlot.AlignedData;
    if (drawn?.shape === shape) {
      drawn.chart.setData(table, zoomed === null);
      if (zoomed) drawn.chart.setScale('x', { min: zoomed.from, max: zoomed.to });
    } else {
      drawn?.chart.destroy();
      drawn = {
        chart: new uPlot(
          plotOptions(
            shown,
            rows.map(({ band }) => band !== null),
            colorsOf(lines),
          ),
          table,
          plot,
        ),
        shape,
      };
      if (zoomed) drawn.chart.setScale('x', { min: zoomed.from, max: zoomed.to });
    }
  };

  const plotOptions = (
    lines: readonly PlotLine[],
    bands: readonly boolean[],
    colorOf: (line: PlotLine) => string,
  ): uPlot.Options => {
    const ink = colorOfPage('--soft', '#5b6570');
    const grid = { stroke: colorOfPage('--line', '#d5dae0'), width: 1 };
    const font = '12px system-ui, sans-serif';
    const common = { stroke: ink, grid, ticks: { ...grid, size: 4 }, font, labelFont: font };
    const across = (value: number) => (view.across === 'time' ? formatTime(value) : formatValue(value));
    const log = view.log || current.y.scale === 'log';
    const series: uPlot.Series[] = [{}];
    const filled: uPlot.Band[] = [];
    lines.forEach((line, i) => {
      const stroke = colorOf(line);
      const dots = line.dots || line.points.length === 1;
      series.push({
        label: line.name, stroke, width: line.width ?? 2, scale: 'y', spanGaps: false,
        points: { show: dots, size: 6, fill: stroke }, ...(line.dashed && { dash: [6, 4] }),
      }); // biome-ignore format: a line
      if (!bands[i]) return;
      const edge = { stroke: 'transparent', width: 0, scale: 'y', points: { show: false } };
      series.push({ ...edge }, { ...edge });
      filled.push({ series: [series.length - 1, series.length - 2], fill: `${stroke}33` });
    });
    return {
      width: Math.max(200, plot.clientWidth),
      height: options.height ?? 300,
      scales: {
        x: { time: false, distr: current.x.scale === 'log' && view.across === 'x' ? 3 : 1 },
        y: { distr: log ? 3 : 1, ...(!log && { range: (_, low, high) => rangeOf(low, high, zoomed !== null) }) },
      },
      axes: [
        { ...common, label: view.across === 'time' ? 'time' : current.x.label, labelSize: 20, size: 32, ...(current.x.whole && view.across === 'x' && { incrs: wholeIncrements }), values: (_, ticks) => ticks.map((tick) => (tick === null ? null : across(tick))) },
        { ...common, size: (_, ticks) => 16 + 7 * Math.max(3, ...(ticks ?? []).map((tick) => String(tick ?? '').length)), values: (_, ticks) => ticks.map((tick) => (tick === null ? null : formatValue(tick, current.y))) },
      ],
      series,
      bands: filled,
      legend: { show: false },
      cursor: { drag: { x: true, y: false }, dataIdx: nearest, points: { size: 7 } },
      hooks: { setCursor: [readCursor], setSelect: [rememberZoom], setScale: [rememberReset] },
    }; // biome-ignore format: a table of settings
  };

  /** The values of all lines where the cursor is. */
  const readCursor = (chart: uPlot): void => {
    const at = chart.cursor.idx ?? null;
    const x = at === null ? null : (chart.data[0][at] ?? null);
    const values = new Map<string, number | null>();
    chart.series.forEach(({ label }, i) => {
      const index = chart.cursor.idxs?.[i];
      if (i > 0 && typeof label === 'string' && label !== 'Value')
        values.set(label, index == null ? null : (chart.data[i]?.[index] ?? null));
    });
    const place = x === null ? '' : view.across === 'time' ? formatTime(x) : `${current.x.label} ${formatValue(x)}`;
    legend.read(place, (name) => (x === null ? '' : formatValue(values.get(name), current.y)));
  };

  const rememberZoom = (chart: uPlot): void => {
    if (chart.select.width < 2) return;
    const from = chart.posToVal(chart.select.left, 'x');
    const to = chart.posToVal(chart.select.left + chart.select.width, 'x');
    zoomed = { from, to };
  };
  const rememberReset = (chart: uPlot, key: string): void => {
    if (key !== 'x' || zoomed === null) return;
    const { min, max } = chart.scales.x!;
    const [first, last] = [chart.data[0][0], chart.data[0].at(-1)];
    if (min === first && max === last) zoomed = null;
  };

  const zoom: LineChart['zoom'] = (range) => {
    zoomed = range;
    if (!drawn) return;
    const [xs] = drawn.chart.data;
    if (range) drawn.chart.setScale('x', { min: range.from, max: range.to });
    else if (xs.length > 0) drawn.chart.setData(drawn.chart.data, true);
  };

  plot.addEventListener('keydown', (event) => {
    const chart = drawn?.chart;
    const [xs] = chart?.data ?? [[]];
    if (!chart || xs.length === 0) return;
    const { min = 0, max = 1 } = chart.scales.x as { min?: number; max?: number };
    const at = chart.cursor.idx ?? Math.floor(xs.length / 2);
    const moved = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    if (moved !== undefined) {
      const next = Math.min(xs.length - 1, Math.max(0, at + moved));
      chart.setCursor({ left: chart.valToPos(xs[next]!, 'x'), top: chart.over.clientHeight / 2 });
      said.textContent = legend.text();
    } else if (event.key === '+' || event.key === '-') {
      const center = xs[at] ?? (min + max) / 2;
      const half = ((max - min) / 2) * (event.key === '+' ? 0.5 : 2);
      zoom({ from: Math.max(xs[0]!, center - half), to: Math.min(xs.at(-1)!, center + half) });
    } else if (event.key === '0') zoom(null);
    else return;
    event.preventDefault();
  });

  const sizes = new ResizeObserver(() =>
    drawn?.chart.setSize({ width: Math.max(200, plot.clientWidth), height: options.height ?? 300 }),
  );
  sizes.observe(plot);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const redraw = (): void => {
    drawn?.chart.destroy();
    drawn = null;
    draw();
  };
  dark.addEventListener('change', redraw);
  draw();
  return {
    update: (next, nextView) => {
      if (nextView.across !== view.across) zoomed = null;
      [current, view] = [next, nextView];
      draw();
    },
    zoom,
    destroy: () => {
      sizes.disconnect();
      dark.removeEventListener('change', redraw);
      drawn?.chart.destroy();
      root.remove();
    },
  };
}

/** Distances of ticks between whole numbers. */
const wholeIncrements = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** Lines, and rules as lines from end to end. */
function allLines({ lines, rules = [] }: LineChartData): PlotLine[] {
  const places = lines.flatMap(({ points }) => points);
  const ends = [smallest(places.map(({ x }) => x)), largest(places.map(({ x }) => x))];
  const times = places.flatMap(({ time }) => (typeof time === 'number' ? [time] : []));
  const [first, last] = [smallest(times), largest(times)];
  const values = places.flatMap(({ y }) => (y === null ? [] : [y]));
  const across = rules.flatMap(({ name, x, y, group }): PlotLine[] => {
    const look = { name, width: 1, dashed: true, ...(group !== undefined && { group }) };
    if (y !== undefined) return [{ ...look, points: [{ x: ends[0]!, y, time: first }, { x: ends[1]!, y, time: last }] }]; // biome-ignore format: two points
    if (x === undefined) return [];
    // The library's lines are functions of x: a step so narrow that it is upright.
    return [{ ...look, points: [{ x, y: smallest(values) }, { x: x * (1 + 1e-9), y: largest(values) }] }]; // biome-ignore format: two points
  });
  return [...lines, ...across];
}

// Not spread into Math.min: a hundred thousand arguments are too many.
const smallest = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const largest = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

/** From 0, as all that is drawn is positive; closer around the lines where the reader zoomed. */
function rangeOf(low: number | null, high: number | null, close: boolean): [number, number] {
  if (low === null || high === null) return [0, 1];
  const room = 0.06 * (high - low || Math.abs(high) || 1);
  return close ? [low - room, high + room] : [Math.min(0, low), high + room];
}

/** The place of a line's value nearest to the cursor: lines do not have values at the same places. */
function nearest(chart: uPlot, line: number, at: number): number {
  const values = chart.data[line];
  if (!values || line === 0) return at;
  for (let distance = 0; distance < values.length; distance++) {
    if (values[at - distance] != null) return at - distance;
    if (values[at + distance] != null) return at + distance;
  }
  return at;
}

const colorOfPage = (name: string, otherwise: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim() || otherwise;
