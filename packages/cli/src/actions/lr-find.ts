import { linePlot, toPng } from '@resnet/analysis';
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
      ? 'The loss never fell: no rate to suggest.'
      : `suggested rate: ${curve.suggestion.toPrecision(2)}`,
  );
}

async function writePlot(file: string, model: string, { points, suggestion }: RateCurve): Promise<void> {
  const svg = linePlot({
    title: `Learning rate of ${model}`,
    subtitle: suggestion === null ? undefined : `suggested: ${suggestion.toPrecision(2)}`,
    x: { label: 'learning rate', scale: 'log' },
    y: { label: 'training loss (nats)' },
    lines: [
      { name: 'batch', width: 1, points: points.map(({ rate, loss }) => ({ x: rate, y: loss })) },
      { name: 'smoothed', width: 2.5, points: points.map(({ rate, smoothed }) => ({ x: rate, y: smoothed })) },
    ],
  });
  await writeDurably(file, file.endsWith('.png') ? await toPng(svg) : svg, { links: 'follow' });
  note(`curve: ${file}`);
}
