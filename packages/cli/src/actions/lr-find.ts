import { type LineChartData, linePlot, toPng } from '@resnet/analysis';
import { findRecipeRate, loadRecipe, type Recipe, withChanges, withSettings } from '@resnet/experiments';
import { writeDurably } from '@resnet/files';
import type { RateCurve } from '@resnet/trainer';
import { UsageError } from '../errors';
import { note, print, printJson } from '../output';
import { modelFlagsOf } from './model-flags';

/** Flags of `resnet lr-find`. */
export interface LrFindFlags
  extends Partial<Pick<Recipe, 'data' | 'batchSize' | 'seed' | 'backend' | 'software' | 'threads'>> {
  model?: string;
  shortcut?: Recipe['model']['shortcut'];
  steps: number;
  from: number;
  to: number;
  plot?: string;
  set: string[];
  json?: boolean;
}

/** `resnet lr-find`. */
export async function lrFind(source: string, flags: LrFindFlags): Promise<void> {
  const { steps, from, to, plot, set, json, model: name, shortcut, ...changes } = flags;
  if (from >= to) throw new UsageError(`lr-find: --from must be below --to, got ${from} and ${to}. Swap them.`);
  const model = { ...modelFlagsOf({ shortcut }), ...(name && { name }) };
  const recipe = withSettings(withChanges(loadRecipe(source, note), { ...changes, model }), set, note);
  const curve = await findRecipeRate(recipe, {
    steps,
    from,
    to,
    onNote: note,
    onStep: ({ rate, smoothed }) => note(`rate ${rate.toExponential(2)}  loss ${smoothed.toFixed(3)}`),
  });
  if (plot !== undefined) await writePlot(plot, recipe.model.name, curve);
  if (json) return printJson(curve);
  print(
    curve.suggestion === null
      ? 'No suggestion: the loss never fell.'
      : `suggested rate: ${curve.suggestion.toPrecision(2)}`,
  );
}

async function writePlot(file: string, model: string, curve: RateCurve): Promise<void> {
  const svg = linePlot(rateFigure(model, curve));
  await writeDurably(file, file.endsWith('.png') ? await toPng(svg) : svg, { links: 'follow' });
  note(`curve: ${file}`);
}

/** Room above the loss at the first rate: what climbs further has diverged, and would press the rest to the bottom. */
const ROOM = 1.3;

/** The losses along the rates, the suggestion marked, the axis cut above the start. */
function rateFigure(model: string, { points, suggestion }: RateCurve): LineChartData {
  const smoothed = points.map((point) => point.smoothed);
  const rounded = suggestion?.toPrecision(2);
  return {
    title: `Learning rate of ${model}`,
    subtitle: rounded === undefined ? 'The loss never fell: no rate to suggest' : `suggested: ${rounded}`,
    x: { label: 'learning rate', scale: 'log' },
    y: {
      label: 'training loss (nats)',
      ...(smoothed.length > 0 && { domain: [0, ROOM * Math.max(smoothed[0]!, Math.min(...smoothed))] }),
    },
    lines: [
      { name: 'batch', width: 1, points: points.map(({ rate, loss }) => ({ x: rate, y: loss })) },
      { name: 'smoothed', width: 2.5, points: points.map(({ rate, smoothed: y }) => ({ x: rate, y })) },
    ],
    rules: suggestion === null ? [] : [{ name: `suggested: ${rounded}`, x: suggestion }],
  };
}
