import 'uplot/dist/uPlot.min.css';
import './chart.css';
import type { ChartView } from '../align';
import type { LineChartData } from '../chart-data';
import { chartControls } from './controls';
import { lineChart } from './line-chart';

/** In reports: pictures that have data beside them become charts, looked at in one way, which the controls above the first of them change. */
const figures = [...document.querySelectorAll<HTMLElement>('figure.alive')].map((figure) => {
  const data: LineChartData = JSON.parse(figure.querySelector('script')!.textContent!);
  figure.replaceChildren();
  return { figure, data };
});
const lines = figures.flatMap(({ data }) => data.lines);
const start: ChartView = {
  across: 'x',
  log: false,
  smoothing: lines.some(({ noisy }) => noisy) ? 0.6 : 0,
  hidden: new Set(),
};

const bar = document.createElement('div');
figures[0]?.figure.before(bar);
let { hidden } = start;
const controls = chartControls(bar, start, () => update());
controls.offerTime(lines.some(({ points }) => points.some(({ time }) => typeof time === 'number')));
const charts = figures.map(({ figure, data }) => {
  const onToggle = (next: ReadonlySet<string>): void => {
    hidden = next;
    update();
  };
  return { data, chart: lineChart(figure, data, { view: start, height: 280, onToggle }) };
});

function update(): void {
  for (const { chart, data } of charts) chart.update(data, { ...controls.view, hidden });
}
