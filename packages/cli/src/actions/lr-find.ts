import { linePlot, toPng } from '@resnet/analysis';
import {
  loadRecipe,
  networkOf,
  openImages,
  optimizerOf,
  preprocessingFor,
  type Recipe,
  startBackend,
  streamsOf,
  updateOf,
  withChanges,
  withSetting,
} from '@resnet/experiments';
import { writeDurably } from '@resnet/files';
import { findLearningRate, type RateCurve } from '@resnet/trainer';
import { UsageError } from '../errors';
import { note, print, printJson } from '../output';

/** What the command line gives. */
export interface LrFindFlags
  extends Partial<Pick<Recipe, 'model' | 'shortcut' | 'data' | 'batch' | 'seed' | 'backend' | 'software' | 'threads'>> {
  steps: number;
  from: number;
  to: number;
  plot?: string;
  set: string[];
  json?: boolean;
}

/** `resnet lr-find`. */
export async function lrFind(source: string, flags: LrFindFlags): Promise<void> {
  const { steps, from, to, plot, set, json, ...changes } = flags;
  if (from >= to) throw new UsageError(`lr-find: --from must be below --to, got ${from} and ${to}. Swap them.`);
  const recipe = set.reduce(withSetting, withChanges(loadRecipe(source), changes));
  await startBackend(recipe.backend, { threads: recipe.threads ?? undefined, software: recipe.software });
  const images = await openImages(recipe, note);
  const preprocessing = await preprocessingFor(recipe, images.train);
  const { train } = await streamsOf(recipe, images, preprocessing);
  const { averageDecay: _, ...rest } = updateOf(recipe);
  const curve = await findLearningRate({
    model: networkOf(recipe, images.classes.length, preprocessing.imageSize),
    batches: train,
    optimizer: optimizerOf(recipe),
    ...rest,
    steps,
    from,
    to,
    onStep: ({ rate, smoothed }) => note(`rate ${rate.toExponential(2)}  loss ${smoothed.toFixed(3)}`),
  });
  if (plot !== undefined) await writePlot(plot, recipe, curve);
  if (json) return printJson(curve);
  print(
    curve.suggestion === null
      ? 'The loss never fell: no rate to suggest.'
      : `suggested rate: ${curve.suggestion.toPrecision(2)}`,
  );
}

async function writePlot(file: string, recipe: Recipe, { points, suggestion }: RateCurve): Promise<void> {
  const svg = linePlot({
    title: `Learning rate of ${recipe.model}`,
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
