import { type ChartView, heatStrip, type LineChartData, lineChart } from '@resnet/charts';
import type { RunLayers } from '../follow/layers';

const view: ChartView = { across: 'x', log: false, smoothing: 0, hidden: new Set() };

/** Draws the gradient's norm by layer along training, and responses against depth at a few moments (Fig. 7). */
export function drawLayers(parent: HTMLElement, measured: RunLayers): void {
  const { layers: rows, steps, gradientNorm: values } = measured;
  if (steps.length === 0) return;
  heatStrip(parent, { title: 'Norm of the gradient, a row a layer, along training', rows, steps, values });
  const data = responsesOf(measured);
  if (data.lines.length > 0) lineChart(parent, data, { view, height: 220 });
}

/** The first, the middle and the last measurement. */
function responsesOf({ steps, response }: RunLayers): LineChartData {
  const moments = [...new Set([0, Math.floor((steps.length - 1) / 2), steps.length - 1])];
  const known = response.filter((row) => row.some((value) => value !== null));
  return {
    title: 'Layer responses (Fig. 7)',
    x: { label: '3×3 layer, from the input', whole: true },
    y: { label: 'standard deviation' },
    lines:
      known.length === 0
        ? []
        : moments.map((moment) => ({
            name: `step ${steps[moment]!.toLocaleString('en-US')}`,
            points: known.map((row, i) => ({ x: i + 1, y: row[moment] ?? null })),
            dots: true,
          })),
  };
}
