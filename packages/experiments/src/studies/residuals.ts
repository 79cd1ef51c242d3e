import { type Findings, linePlot } from '@resnet/analysis';
import { type ErrorAt, errorsAlong } from '../findings/errors-along';
import { digits, percent } from '../findings/numbers';
import { measureRatios, ratioFindings } from '../findings/residuals';
import type { TrainedRun } from '../findings/trained-run';
import { type PlannedRun, plan } from './planned-run';
import type { Preset } from './preset';
import type { Study } from './study';
import { together } from './together';
import { deepenedFrom, deepenedName } from './variants/deepened';

const families = ['resnet', 'plain'] as const;
const shallowOf = (family: string, { depths: [depth] }: Preset) => `${family}${depth}`;

/** The rate at which the preset's runs end. */
const lastRate = ({ rate, milestones }: Pick<Preset, 'rate' | 'milestones'>): number => rate / 10 ** milestones.length;

function deepenedRun(preset: Preset, base: PlannedRun): PlannedRun {
  const changes = {
    // One block of two layers more in each of three stages.
    model: { name: base.recipe.model.name.replace(/\d+/, (depth) => String(Number(depth) + 6)) },
    name: deepenedName(base),
    schedule: { kind: 'constant', base: lastRate(preset) },
  } as const;
  return plan(preset, `${base.label} deepened to ${changes.model.name}`, changes, deepenedFrom(base));
}

/** "Push the residual to zero" (§3.1), and the solution by construction (§1). */
export const residuals: Study = {
  id: 'residuals',
  title: 'Push the residual to zero',
  question: 'Do residual branches shrink towards zero? Does a net deepened by identities stay as good as it was?',
  protocol: ({ depths, images, ...preset }) =>
    `ResNet-${depths.at(-1)} and the same with zero-gamma initialization; ResNet-${depths[0]} and plain-${depths[0]} with one identity block more a stage, trained on at the rate at which it ended, ${lastRate(preset)}. Ratios on ${images} test images, errors on ${images} training images without augmentation.`,
  runs: (preset) => {
    const model = { name: `resnet${preset.depths.at(-1)}` };
    const bases = families.map((family) =>
      plan(preset, shallowOf(family, preset), { model: { name: shallowOf(family, preset) } }),
    );
    return [
      plan(preset, model.name, { model }),
      plan(preset, `${model.name} zero-gamma`, { model: { ...model, zeroLastScale: true } }),
      ...bases,
      ...bases.map((base) => deepenedRun(preset, base)),
    ];
  },
  analyze: async ({ runs, preset }) => {
    const [paper, zeroGamma, ...others] = runs;
    const ratios = ratioFindings(await measureRatios([paper!, zeroGamma!], preset.images));
    return together(ratios, await deepenedFindings(others.slice(families.length), preset.images));
  },
};

async function deepenedFindings(runs: readonly TrainedRun[], images: number): Promise<Findings> {
  const along: { label: string; errors: ErrorAt[] }[] = [];
  for (const run of runs) along.push({ label: run.label, errors: await errorsAlong(run, images) });
  return {
    figures: [
      {
        name: 'deepened',
        draw: (width) =>
          linePlot({
            title: 'Training error after deepening by identities',
            subtitle: 'At 0 the deepened net computes what the shallow one ended with',
            width,
            height: 300,
            x: { label: 'iteration after deepening' },
            y: { label: 'training error (%)', percent: true },
            lines: along.map(({ label, errors }) => ({
              name: label,
              dots: true,
              points: errors.map(({ step, error }) => ({ x: step, y: error })),
            })),
          }),
      },
    ],
    tables: [
      {
        caption: `Error and loss on ${images} training images.`,
        columns: ['net', 'iteration', 'error (%)', 'loss (nats)'],
        rows: along.flatMap(({ label, errors }) =>
          errors.map(({ step, error, loss }) => [label, step, percent(error), digits(loss)]),
        ),
      },
    ],
    conclusion: along.map(({ label, errors }) => neverAbove(label, errors)),
  };
}

/** Whether a deepened net ever had a higher training error than at its start, in a sentence. */
export function neverAbove(label: string, [start, ...rest]: readonly ErrorAt[]): string {
  const above = rest.filter(({ error }) => error > start!.error);
  const began = `${label} began at a training error of ${percent(start!.error)} %, the shallow net's end`;
  return above.length === 0
    ? `${began}, and was never above it at the ${rest.length} moments measured.`
    : `${began}, and was above it at iteration ${above.map(({ step, error }) => `${step} (${percent(error)} %)`).join(', ')}.`;
}
