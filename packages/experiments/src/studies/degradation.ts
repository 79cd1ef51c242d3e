import { describeDifference, type Findings, type RunRecord } from '@resnet/analysis';
import { comparisonFindings } from '../findings/comparison';
import { isResidual } from '../recipe/architecture';
import { overSeeds, plan } from './planned-run';
import type { Preset } from './preset';
import type { Study } from './study';

const families = ['plain', 'resnet'] as const;

const thinAndBold = 'Training error thin, validation error bold; one line a seed';

/** Every depth of the preset, plain and residual. */
export const degradationRuns = (preset: Preset) =>
  families.flatMap((family) =>
    preset.depths.flatMap((depth) =>
      overSeeds(preset.seeds, (seed) =>
        plan(preset, `${family}${depth}`, { model: { name: `${family}${depth}` }, seed }),
      ),
    ),
  );

/** Figs. 1, 4 and 6. */
export const degradation: Study = {
  id: 'degradation',
  title: 'Degradation',
  question: 'Does a deeper plain net end with a higher training error, and a deeper residual net with a lower one?',
  protocol: ({ depths }) => `Plain and residual nets of depth ${depths.join(', ')} with shortcut A (§4.2).`,
  runs: degradationRuns,
  analyze: async ({ runs, records, preset }) => {
    const [plain, residual] = families.map((family) =>
      comparisonFindings(
        records.filter((_, i) => isResidual(runs[i]!.recipe) === (family === 'resnet')),
        family === 'plain' ? 'Plain nets' : 'Residual nets',
        thinAndBold,
      ),
    );
    const all = comparisonFindings(records, 'Plain and residual nets', thinAndBold);
    return {
      figures: [...named(plain!, 'plain-errors'), ...named(residual!, 'residual-errors'), ...named(all, 'all-errors')],
      tables: all.tables.slice(0, 1),
      conclusion: [
        ...families.map((family) => trainingVerdict(records, family, preset)),
        ...plain!.conclusion,
        ...residual!.conclusion,
      ],
    };
  },
};

const named = ({ figures }: Findings, name: string) => figures.map(({ draw }) => ({ name, draw }));

/** Degradation is a matter of training error (§1). */
function trainingVerdict(records: readonly RunRecord[], family: string, { depths }: Preset): string {
  const errors = (depth: number) =>
    records.filter(({ name }) => name === `${family}${depth}`).map(({ trainError }) => trainError);
  const [shallow, deep] = [depths[0], depths.at(-1)!];
  return describeDifference(
    'training error',
    { name: `${family}${deep}`, values: errors(deep) },
    { name: `${family}${shallow}`, values: errors(shallow) },
  );
}
