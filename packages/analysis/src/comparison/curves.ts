import { type LineChartData, type PlotLine, type PlotPoint, thinned } from '@resnet/charts';
import { linePlot } from '../plot/lines';
import { bySeeds, type MeasuredError, type RunRecord } from './run';

/** What is drawn along training: a key of {@link MeasuredError}. */
export type CurveQuantity = 'error' | 'loss' | 'rate';

/** How {@link curveData} draws. */
export interface CurveDataOptions {
  /** Above the curves, wrapped to the width. */
  title: string;
  /** Below the title, as a rule the protocol. Default: none. */
  subtitle?: string;
  /** Points a line has at most. Training is noisy a batch at a time: it is averaged over windows. Default 120. */
  points?: number;
}

/** How {@link errorCurves} draws. */
export interface CurveOptions extends CurveDataOptions {
  /** Pixels. Default 720. */
  width?: number;
}

const axes = {
  error: { label: 'error (%)', percent: true },
  loss: { label: 'loss (nats)' },
  rate: { label: 'learning rate' },
} as const;

/**
 * Training thin, validation bold, one color a net and one line a seed: Figs. 4 and 6. The paper's error is a rule; the rate has no
 * validation.
 */
export function curveData(
  runs: readonly RunRecord[],
  quantity: CurveQuantity,
  { title, subtitle, points = 120 }: CurveDataOptions,
): LineChartData {
  const lines = runs.flatMap((run): PlotLine[] => {
    const of = (measured: readonly MeasuredError[]) => measured.flatMap((one) => pointOf(one, quantity) ?? []);
    const train = { group: run.name, width: 1, noisy: quantity !== 'rate', points: thinned(of(run.train), points) };
    const validation = of(run.validation);
    if (quantity === 'rate') return [{ ...train, name: run.name, width: 2 }];
    return [
      { ...train, name: `${run.name}, training` },
      {
        name: `${run.name}, validation`,
        group: run.name,
        width: 2.5,
        points: validation,
        dots: validation.length < 30,
      },
    ];
  });
  const rules = [...bySeeds(runs)].flatMap(([name, [run]]) =>
    run?.paperError && quantity === 'error' ? [{ name: `${name}, paper`, y: run.paperError, group: name }] : [],
  );
  return {
    title,
    ...(subtitle !== undefined && { subtitle }),
    x: { label: 'iteration' },
    y: axes[quantity],
    lines: lines.filter((line) => line.points.length > 0),
    rules,
  };
}

/** Error along training: {@link curveData} as a standalone SVG document. */
export const errorCurves = (runs: readonly RunRecord[], { width, ...options }: CurveOptions): string =>
  linePlot({ ...curveData(runs, 'error', options), ...(width !== undefined && { width }) });

function pointOf(measured: MeasuredError, quantity: CurveQuantity): PlotPoint | null {
  const y = measured[quantity];
  return typeof y === 'number' ? { x: measured.step, y, time: measured.time ?? null } : null;
}
