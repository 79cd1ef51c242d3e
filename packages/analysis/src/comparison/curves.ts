import { linePlot, type PlotLine, type PlotPoint } from '../plot/lines';
import type { MeasuredError, RunRecord } from './run';
import { bySeeds } from './run';

/** How {@link errorCurves} draws. */
export interface CurveOptions {
  /** Above the curves, wrapped to the width. */
  title: string;
  /** Below the title, as a rule the protocol. Default: none. */
  subtitle?: string;
  /** Training errors are noisy a batch at a time: they are averaged over windows of about this many points a line. */
  points?: number;
  /** Pixels. Default 720. */
  width?: number;
}

/**
 * Training error thin, validation error bold, one color a net and one line a seed: Figs. 4 and 6.
 *
 * @returns A standalone SVG document.
 */
export function errorCurves(runs: readonly RunRecord[], { points = 120, ...options }: CurveOptions): string {
  const lines = runs.flatMap((run): PlotLine[] => [
    { name: `${run.name}, training`, group: run.name, width: 1, points: averaged(run.train, points) },
    {
      name: `${run.name}, validation`,
      group: run.name,
      width: 2.5,
      points: run.validation.map(toPoint),
      dots: run.validation.length < 30,
    },
  ]);
  const rules = [...bySeeds(runs)].flatMap(([name, [run]]) =>
    run?.paperError ? [{ name: `${name}, paper`, y: run.paperError, group: name }] : [],
  );
  return linePlot({
    ...options,
    x: { label: 'iteration' },
    y: { label: 'error (%)', percent: true },
    lines: lines.filter((line) => line.points.length > 0),
    rules,
  });
}

const toPoint = ({ step, error }: MeasuredError): PlotPoint => ({ x: step, y: error });

/** Means over consecutive windows, so that a line has at most `count` points; each stands at its window's last step. */
export function averaged(values: readonly MeasuredError[], count: number): PlotPoint[] {
  const size = Math.max(1, Math.ceil(values.length / count));
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => {
    const window = values.slice(i * size, (i + 1) * size);
    return { x: window.at(-1)!.step, y: window.reduce((sum, { error }) => sum + error, 0) / window.length };
  });
}
